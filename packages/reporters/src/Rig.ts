import type { Host, RunRecord } from "@rigbook/core"
import { originOfHost } from "@rigbook/records"
import { significant } from "./format.ts"

/** A machine in words: `AMD EPYC, 2 cores, 23.5 GiB memory, 2 × NVIDIA RTX 5090 (31.8 GiB each), Debian 12`. Not escaped. */
export const rigName = (host: Host): string =>
  [
    `${host.cpu.model}, ${host.cpu.logicalCores} logical ${host.cpu.logicalCores === 1 ? "core" : "cores"}`,
    `${gib(host.memoryBytes)} memory`,
    gpuNames(host).join(" + ") || "no GPU",
    host.os,
    ...from(host),
  ].join(", ")

/** Whose machine it is, if it is not one of this workspace. */
const from = (host: Host): ReadonlyArray<string> => {
  const origin = originOfHost(host)
  return origin === undefined ? [] : [`from ${origin}`]
}

/** What a rig is called beside others: its GPUs, else its processor. Not escaped. */
export const shortRigName = (host: Host): string =>
  [gpuNames(host).join(" + ") || `${host.cpu.model}, CPU`, ...from(host)].join(", ")

const gpuNames = ({ devices }: Host): ReadonlyArray<string> =>
  [
    ...Map.groupBy(
      devices.filter(({ kind }) => kind === "gpu"),
      ({ memoryBytes, name }) => JSON.stringify([name, memoryBytes]),
    ).values(),
  ].map((alike) => {
    const { memoryBytes, name } = alike[0]!
    const size = memoryBytes === undefined ? "" : ` (${gib(memoryBytes)}${alike.length > 1 ? " each" : ""})`
    return `${alike.length > 1 ? `${alike.length} × ` : ""}${name}${size}`
  })

const gib = (bytes: number): string => `${significant(bytes / 2 ** 30, 3)} GiB`

/** Hosts by what ran there, most runs first. */
export const rigsOf = (
  records: ReadonlyArray<RunRecord>,
): ReadonlyArray<{ readonly host: Host; readonly records: ReadonlyArray<RunRecord> }> =>
  [...Map.groupBy(records, ({ cell }) => cell.host.fingerprint)]
    .toSorted(([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1))
    .map(([, here]) => ({ host: here[0]!.cell.host, records: here }))

/** Whether it is proven that runs were where they were requested to be. */
export const proofText = (records: ReadonlyArray<RunRecord>): string => {
  const ran = records.filter(({ failure }) => failure === undefined)
  const proven = ran.filter(({ observed }) => observed.placement?.state === "verified").length
  if (proven === 0) return "Where they ran is not proven."
  return proven === ran.length
    ? "All are proven to have run where they were requested to."
    : `${proven} are proven to have run where they were requested to.`
}
