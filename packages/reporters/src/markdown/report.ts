import type { RunRecord } from "@rigbook/core"
import { scenarioName } from "@rigbook/core"
import { placementName } from "../names.ts"
import { inTime } from "../order.ts"
import { REPORT_FOLDER } from "../paths.ts"
import { environmentLines, hostLine, placementLine, runtimeLine } from "./conditions.ts"
import { blocks, fenced, list, text } from "./escape.ts"
import { estimatesTable } from "./estimates.ts"
import { LEGEND, metricTable, recordLink } from "./figures.ts"
import { buffersTable, layersTable } from "./layers.ts"
import { methodologySection } from "./methodology.ts"
import { embeddingTable, languageTable } from "./overview.ts"
import { trialsSection } from "./trials.ts"
import { verdictSection } from "./verdict.ts"

/** A report of some runs, in the order in which they were started. */
export const reportPage = (records: ReadonlyArray<RunRecord>): string => {
  const ordered = inTime(records)
  return `${blocks(
    "# Benchmark report",
    ordered.length === 0
      ? "No records were given: name some, as in `rigbook report <record>`."
      : blocks(
          "## Summary",
          `${ordered.length === 1 ? "One run" : `${ordered.length} runs`}. ${LEGEND}`,
          languageTable(ordered, REPORT_FOLDER),
          embeddingTable(ordered, REPORT_FOLDER),
          ...ordered.map(runSection),
          methodologySection(ordered),
        ),
  )}\n`
}

const runSection = (record: RunRecord, index: number): string => {
  const { config, prompts, scenario } = record.cell
  const buffers = buffersTable(record)
  const estimates = estimatesTable(record)
  const log = record.failure?.logTail ?? []
  return blocks(
    `## ${index + 1}. ${text(config.name)} on ${text(placementName(record))}: ${text(scenarioName(scenario))}`,
    `Record ${recordLink(record, REPORT_FOLDER, record.id)}, from ${text(record.startedAt)} to ${text(record.finishedAt)}.`,
    verdictSection(record),
    record.values.length === 0 ? "" : blocks("### Figures", metricTable(record, REPORT_FOLDER)),
    "### Conditions",
    list([
      hostLine(record),
      runtimeLine(record),
      placementLine(record),
      `Prompts: ${text(prompts.name)}, ${prompts.count} of them, licence ${text(prompts.license)}`,
      ...environmentLines(record),
    ]),
    "### Requested, effective, observed",
    layersTable(record),
    buffers === "" ? "" : blocks("### Engine buffers", buffers),
    estimates === "" ? "" : blocks("### Memory, estimated and found", estimates),
    "### Trials",
    trialsSection(record),
    log.length === 0 ? "" : blocks("### End of the engine's log", fenced(log)),
  )
}
