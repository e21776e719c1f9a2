import { type Host, repetitionName, type RunRecord } from "@rigbook/core"
import { Order } from "effect"
import { bytes, shortHash } from "../format.ts"
import { metricDefinitions } from "./definitions.ts"
import { runtimeLibraries } from "./conditions.ts"
import { blocks, list, text } from "./escape.ts"

/** How the figures were measured, from the protocols of the records. */
export const methodologySection = (records: ReadonlyArray<RunRecord>): string =>
  blocks(
    "## Methodology",
    `${protocols(records)} Each measured trial gives one value; a figure is the median of these values. ` +
      "Its interval consists of order statistics of the trials and holds the true median with 95 % confidence or more; " +
      "below six trials there is none. CV is the sample standard deviation divided by the mean. " +
      "Times come from one monotonic clock, outside the engine.",
    "### Hardware",
    list(hardware(records)),
    "### Software",
    list(counted(records, softwareName)),
    "### Test data",
    list(counted(records, promptsName)),
    "### Metrics captured",
    metricDefinitions(records),
  )

/** Each distinct text once, in order, with the number of runs that it stands for. */
const counted = (records: ReadonlyArray<RunRecord>, nameOf: (record: RunRecord) => string): ReadonlyArray<string> =>
  [...Map.groupBy(records, nameOf)]
    .toSorted(([a], [b]) => Order.String(a, b))
    .map(([name, { length }]) => `${name}: ${runs(length)}`)

const runs = (count: number): string => `${count} ${count === 1 ? "run" : "runs"}`

/** Hosts as they were captured. What is free changes from run to run and is in each record. */
const hardware = (records: ReadonlyArray<RunRecord>): ReadonlyArray<string> =>
  counted(records, ({ cell: { host } }) => hostName(host))

const hostName = ({ cpu, devices, fingerprint, kernel, memoryBytes, os }: Host): string => {
  const gpus = devices
    .filter(({ kind }) => kind === "gpu")
    .map(
      ({ driver, memoryBytes: all, name }) =>
        `${text(name)} (${all === undefined ? "memory unknown" : bytes(all)}${driver === undefined ? "" : `, driver ${text(driver)}`})`,
    )
  return (
    `Host ${text(fingerprint)}: ${text(cpu.model)}, ${cpu.logicalCores} logical cores, ${bytes(memoryBytes)} memory, ` +
    `${gpus.length === 0 ? "no GPU" : gpus.join(" + ")}; ${text(os)}, kernel ${text(kernel)}`
  )
}

const softwareName = (record: RunRecord): string =>
  `${text(record.cell.backend)}: ${runtimeLibraries(record)}; Rigbook ${text(record.environment.rigbook)}, Node ${text(record.environment.node)}`

const promptsName = ({ cell: { prompts } }: RunRecord): string =>
  `${text(prompts.name)}, ${prompts.count} ${prompts.count === 1 ? "prompt" : "prompts"}, licence ${text(prompts.license)}, SHA-256 ${text(shortHash(prompts.sha256))}`

const protocols = (records: ReadonlyArray<RunRecord>): string => {
  const counts = Map.groupBy(records, ({ cell: { protocol } }) => protocolName(protocol))
  const [first] = counts.keys()
  if (first !== undefined && counts.size === 1) return `Every run has ${first}.`
  const named = [...counts].map(([name, runs]) => `${name} (${runs.length} ${runs.length === 1 ? "run" : "runs"})`)
  return `Runs follow ${counts.size} protocols: ${named.toSorted().join("; ")}.`
}

const protocolName = ({ trials, warmup }: RunRecord["cell"]["protocol"]): string =>
  `${repetitionName(warmup)} warm-up and ${repetitionName(trials)} measured ${trials === 1 ? "trial" : "trials"}`
