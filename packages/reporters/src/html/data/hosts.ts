import type { PlannedModel, RunRecord } from "@rigbook/core"
import { rigName, shortRigName } from "../../Rig.ts"
import { visible } from "@rigbook/core"
import type { PageHost } from "../PageData.ts"

/** The machines that something ran on, by fingerprint, and those that plans are for, by name. */
export const pageHosts = (
  records: ReadonlyArray<RunRecord>,
  planned: ReadonlyArray<PlannedModel>,
): Readonly<Record<string, PageHost>> => {
  const hosts = new Map<string, PageHost>()
  for (const { cell } of records) {
    const { host } = cell
    const id = visible(host.fingerprint)
    if (hosts.has(id)) continue
    const gpus = host.devices.flatMap(({ kind, memoryBytes = 0 }) => (kind === "gpu" ? [memoryBytes] : []))
    hosts.set(id, {
      name: visible(rigName(host)),
      short: visible(shortRigName(host)),
      bytes: Math.max(host.memoryBytes, ...gpus),
    })
  }
  for (const { estimates, host } of planned) {
    if (host === undefined || "absent" in estimates) continue
    const id = visible(host)
    const free = estimates.flatMap(({ devices }) => devices.map(({ freeBytes = 0 }) => freeBytes))
    const bytes = Math.max(hosts.get(id)?.bytes ?? 0, ...free)
    if (hosts.get(id)?.planned !== undefined || !hosts.has(id))
      hosts.set(id, { name: id, short: id, bytes, planned: true })
  }
  return Object.fromEntries(hosts)
}
