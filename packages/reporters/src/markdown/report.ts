import type { Metric, RunRecord } from "@rigbook/core"
import { isQuality, scenarioName } from "@rigbook/core"
import { equivalencesOf, judgedTogether } from "@rigbook/registry"
import { placementName } from "../names.ts"
import { inTime } from "../order.ts"
import { REPORT_FOLDER } from "../paths.ts"
import { placementScaling } from "../PlacementScaling.ts"
import { environmentLines, hostLine, placementLine, runtimeLine } from "./conditions.ts"
import { engineIndex, enginesSection } from "./engines.ts"
import { blocks, fenced, href, link, list, text } from "./escape.ts"
import { estimatesTable } from "./estimates.ts"
import { LEGEND, metricTable, recordLink } from "./figures.ts"
import { buffersTable, layersTable, placementProof, processesTable } from "./layers.ts"
import { methodologySection } from "./methodology.ts"
import { embeddingTable, languageTable } from "./overview.ts"
import { placementSection } from "./placements.ts"
import { qualityLines, qualityTable } from "./quality.ts"
import { trialsSection } from "./trials.ts"
import { turnsTable } from "./turns.ts"
import { verdictSection } from "./verdict.ts"

/** A report of some runs, in the order in which they were started. */
export const reportPage = (
  records: ReadonlyArray<RunRecord>,
  plots: ReadonlyMap<string, string> = new Map(),
  metrics?: ReadonlyArray<Metric>,
): string => {
  const showing = { folder: REPORT_FOLDER, metrics }
  const equivalences = equivalencesOf(records)
  const ordered = judgedTogether(inTime(records), equivalences)
  const command = ordered.map(({ id }) => href(id)).join(" ")
  return `${blocks(
    ordered.length === 0 ? "" : `<!-- Generated, don't edit: run \`rigbook report ${command}\`. -->`,
    "# Benchmark report",
    ordered.length === 0
      ? "No records were given. Name some, as in `rigbook report <record>`."
      : blocks(
          "## Summary",
          `${ordered.length === 1 ? "One run" : `${ordered.length} runs`}. ${LEGEND}`,
          languageTable(ordered, showing),
          embeddingTable(ordered, showing),
          qualityTable(ordered, showing),
          placementSection(placementScaling(ordered), REPORT_FOLDER, "##"),
          enginesSection(
            engineIndex(ordered, equivalences),
            ordered.map(({ id }) => id),
            showing,
          ),
          ...ordered.map((record, index) => runSection(record, index, plots.get(record.id))),
          methodologySection(ordered),
        ),
  )}\n`
}

const runSection = (record: RunRecord, index: number, plot: string | undefined): string => {
  const { config, prompts, scenario } = record.cell
  const buffers = buffersTable(record)
  const processes = processesTable(record)
  const estimates = estimatesTable(record)
  const turns = turnsTable(record)
  const log = record.failure?.logTail ?? []
  return blocks(
    `## ${index + 1}. ${text(config.name)} on ${text(placementName(record))}: ${text(scenarioName(scenario))}`,
    `Record ${recordLink(record, REPORT_FOLDER, record.id)}, from ${text(record.startedAt)} to ${text(record.finishedAt)}.`,
    verdictSection(record),
    record.values.length === 0 ? "" : blocks("### Figures", metricTable(record, REPORT_FOLDER)),
    turns === "" ? "" : blocks("### Turns", "Medians over the trials.", turns),
    "### Conditions",
    list([
      hostLine(record),
      runtimeLine(record),
      placementLine(record),
      ...(isQuality(scenario)
        ? qualityLines(record)
        : [`Prompts: ${text(prompts.name)}, ${prompts.count} of them, licence ${text(prompts.license)}`]),
      ...environmentLines(record),
    ]),
    "### Requested, effective, observed",
    layersTable(record),
    placementProof(record),
    buffers === "" ? "" : blocks("### Engine buffers", buffers),
    processes === "" ? "" : blocks("### Processes", processes),
    estimates === "" ? "" : blocks("### Memory, estimated and observed", estimates),
    "### Trials",
    trialsSection(record),
    plot === undefined
      ? ""
      : blocks("### Over time", `!${link("Memory, use and sensors over time; measured trials are shaded", plot)}`),
    log.length === 0 ? "" : blocks("### End of the engine's log", fenced(log)),
  )
}
