import type { Environment, RunRecord } from "@rigbook/core"
import { bytes, percent, significant } from "../format.ts"
import { deviceName, gpusUsed, placementName, runtimeName } from "../names.ts"
import { byCodeUnit } from "../order.ts"
import { sentence, text } from "./escape.ts"

/** `Ryzen 9 9950X, 32 logical cores, 61.9 GiB memory, Ubuntu 24.04, kernel 6.8; GPUs used: …` */
export const hostLine = (record: RunRecord): string => {
  const { cpu, fingerprint, kernel, memoryBytes, os } = record.cell.host
  const gpus = gpusUsed(record).map(
    ({ driver, memoryBytes, name }) =>
      `${text(name)} (${memoryBytes === undefined ? "memory not known" : bytes(memoryBytes)}${driver === undefined ? "" : `, driver ${text(driver)}`})`,
  )
  return [
    `Host: ${text(cpu.model)}, ${cpu.logicalCores} logical cores, ${bytes(memoryBytes)} memory`,
    `${text(os)}, kernel ${text(kernel)} (${text(fingerprint)})`,
    `GPUs used: ${gpus.length === 0 ? "none" : gpus.join(", ")}`,
  ].join("; ")
}

/** The program that ran the model, its version, and the versions of what it runs on. */
export const runtimeLine = (record: RunRecord): string => {
  const libraries = Object.entries(record.cell.runtime.libraries)
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .map(([name, version]) => `${text(name)} ${text(version)}`)
  return `Runtime: ${text(runtimeName(record))}${libraries.length === 0 ? "" : `, with ${libraries.join(", ")}`}`
}

/** Where the model was put: as planned, and as the engine says. */
export const placementLine = (record: RunRecord): string =>
  `Placement: requested ${text(placementName(record))}; effective ${effectiveDevices(record)}`

const effectiveDevices = ({ cell, effective }: RunRecord): string => {
  if (effective === undefined) return "unknown, since the engine never became ready"
  const names = effective.devices.map((id) => text(deviceName(cell.host, id)))
  return names.length === 0 ? "not told by the engine" : names.join(" + ")
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
