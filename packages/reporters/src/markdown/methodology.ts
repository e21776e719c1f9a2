import { repetitionName, type RunRecord } from "@rigbook/core"
import { metricDefinitions } from "./definitions.ts"
import { blocks } from "./escape.ts"

/** How the figures came about, from the protocols that the records were measured by. */
export const methodologySection = (records: ReadonlyArray<RunRecord>): string =>
  blocks(
    "## Methodology",
    `${protocols(records)} Each measured trial gives one value; a figure is the median of these values. ` +
      "Its interval is made of order statistics of the trials and holds the true median with 95 % confidence or more; " +
      "below six trials there is none. CV is the sample standard deviation divided by the mean. " +
      "Times are taken on one monotonic clock, outside the engine.",
    metricDefinitions(records),
  )

const protocols = (records: ReadonlyArray<RunRecord>): string => {
  const counts = Map.groupBy(records, ({ cell: { protocol } }) => protocolName(protocol))
  const [first] = counts.keys()
  if (first !== undefined && counts.size === 1) return `Every run has ${first}.`
  const named = [...counts].map(([name, runs]) => `${name} (${runs.length} ${runs.length === 1 ? "run" : "runs"})`)
  return `Runs follow ${counts.size} protocols: ${named.toSorted().join("; ")}.`
}

const protocolName = ({ trials, warmup }: RunRecord["cell"]["protocol"]): string =>
  `${repetitionName(warmup)} warm-up and ${repetitionName(trials)} measured ${trials === 1 ? "trial" : "trials"}`
