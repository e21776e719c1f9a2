import type { Environment, RunRecord } from "@rigbook/core"
import { Order } from "effect"
import { bytes, duration, percent, significant } from "../format.ts"
import { deviceName, gpusUsed, placementName, runtimeName } from "../names.ts"
import { memoryOf } from "../Memory.ts"
import { sentence, text } from "./escape.ts"

/** `Ryzen 9 9950X, 32 logical cores, 61.9 GiB memory, Ubuntu 24.04, kernel 6.8; GPUs used: …` */
export const hostLine = (record: RunRecord): string => {
  const { cpu, fingerprint, kernel, memoryBytes, os } = record.cell.host
  const gpus = gpusUsed(record).map(
    ({ driver, memoryBytes, name }) =>
      `${text(name)} (${memoryBytes === undefined ? "memory unknown" : bytes(memoryBytes)}${driver === undefined ? "" : `, driver ${text(driver)}`})`,
  )
  return [
    `Host: ${text(cpu.model)}, ${cpu.logicalCores} logical cores, ${bytes(memoryBytes)} memory`,
    `${text(os)}, kernel ${text(kernel)} (${text(fingerprint)})`,
    `GPUs used: ${gpus.length === 0 ? "none" : gpus.join(", ")}`,
  ].join("; ")
}

/** The program that ran the model, its version, and the versions of what it runs on. */
export const runtimeLine = (record: RunRecord): string => `Runtime: ${runtimeLibraries(record)}`

/** `llama-server b6940, with cuda 13.0, ggml 0.9.4` */
export const runtimeLibraries = (record: RunRecord): string => {
  const libraries = Object.entries(record.cell.runtime.libraries)
    .toSorted(([a], [b]) => Order.String(a, b))
    .map(([name, version]) => `${text(name)} ${text(version)}`)
  return `${text(runtimeName(record))}${libraries.length === 0 ? "" : `, with ${libraries.join(", ")}`}`
}

/** Where the model was placed: as planned, and as the engine reports. */
export const placementLine = (record: RunRecord): string =>
  `Placement: requested ${text(placementName(record))}; effective ${effectiveDevices(record)}`

/** How well the placement is proven, with the evidence for and against it, in one line. */
export const proofLine = ({ observed: { placement } }: RunRecord): string => {
  if (placement === undefined) return "Proof of the placement: none"
  const evidence = [
    ...placement.evidence.map(
      ({ agrees, detail, from }) => `${text(from)}${agrees ? "" : " **against it**"}: ${text(detail)}`,
    ),
    ...(placement.missing ?? []).map((witness) => `missing: ${text(witness)}`),
  ]
  return `Proof of the placement: **${placement.state}**${evidence.length === 0 ? ", no evidence" : `; ${evidence.join("; ")}`}`
}

/** Memory of each device: largest use, what the engine reports (reserved), and what was left. */
export const memoryLines = (record: RunRecord): ReadonlyArray<string> =>
  memoryOf(record).map(({ device, free, held, peak, total }) => {
    const onCpu = device === "cpu"
    return [
      `${onCpu ? "Memory" : `Memory of ${text(deviceName(record.cell.host, device))}`}: peak ${peak === undefined ? "not measured" : bytes(peak)}`,
      `reserved by the engine ${held === undefined ? "not reported" : bytes(held)}`,
      `free at the peak ${free === undefined ? "unknown" : bytes(free)}${total === undefined ? "" : `, of ${bytes(total)} in total`}`,
    ].join("; ")
  })

/** What was requested of the engine, and where it reports another effective value. */
export const configurationLine = ({ effective, requested }: RunRecord): string => {
  const settings = Object.entries(requested.settings).toSorted(([a], [b]) => Order.String(a, b))
  const shown = settings.map(([name, value]) => {
    const inForce = effective?.settings[name]
    return text(
      `${name} ${String(value)}${inForce === undefined || inForce === value ? "" : ` (effective: ${String(inForce)})`}`,
    )
  })
  return `Configuration: ${shown.length === 0 ? "the engine's defaults" : shown.join(", ")}`
}

/** When a run was made and how long it took, warm-ups and loading included. */
export const timeLine = ({ finishedAt, samples, startedAt }: RunRecord): string => {
  const ms = Date.parse(finishedAt) - Date.parse(startedAt)
  return `Total time: ${Number.isNaN(ms) || ms < 0 ? "unknown" : duration(ms / 1000)}, from ${text(startedAt)}, ${samples.warmup} warm-up and ${samples.measured} measured trials`
}

const effectiveDevices = ({ cell, effective }: RunRecord): string => {
  if (effective === undefined) return "unknown, since the engine never became ready"
  const names = effective.devices.map((id) => text(deviceName(cell.host, id)))
  return names.length === 0 ? "not reported by the engine" : names.join(" + ")
}

/** What else the machine was doing, and which code measured. */
export const environmentLines = ({ environment }: RunRecord): ReadonlyArray<string> => {
  const { busy, freeMemoryBytes, loadAverage, node, rigbook } = environment
  return [
    `Load average before the run: ${significant(loadAverage, 3)}`,
    `Busy share of all cores before the run: ${"value" in busy ? `${percent(busy.value)} %` : `not measured: ${text(busy.absent)}`}`,
    `Free memory before the run: ${bytes(freeMemoryBytes)}`,
    `Rigbook ${text(rigbook)}, Node ${text(node)}`,
    gitLine(environment.git),
  ]
}

const gitLine = (git: Environment["git"]): string =>
  "commit" in git
    ? `Git revision: ${text(git.commit)}${git.dirty ? ", with uncommitted changes" : ""}`
    : `Git revision: none. ${sentence(git.absent)}`
