import { batchName } from "@rigbook/core"
import { placementName, runtimeName } from "../names.ts"
import { MISSING, significant } from "../format.ts"
import type { ScalingGroup, ScalingPoint } from "../BatchScaling.ts"
import { THROUGHPUT } from "../BatchScaling.ts"
import { type Compared, compare, TOLERANCE } from "../Scaling.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { blocks, text } from "./escape.ts"
import { medianCell, recordLink } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** How the words of a comparison are chosen. */
export const JUDGEMENT_RULE = [
  `**better** from ${significant(1 + TOLERANCE, 3)} × on, **flat** within ${significant(TOLERANCE * 100, 1)} %, **slower** below;`,
  "**unclear** where the change is larger but the two 95 % intervals overlap.",
  "Invalid runs are not compared.",
].join(" ")

const SCALING_RULE =
  "Throughput relative to the smallest batch that has a figure, between runs that differ in nothing but the batch: " +
  JUDGEMENT_RULE

/** A table for each group of runs that differ only in the batch; nothing without such a group. */
export const scalingSection = (groups: ReadonlyArray<ScalingGroup>): string =>
  groups.length === 0 ? "" : blocks("### Batch scaling", SCALING_RULE, ...groups.map(groupSection))

const groupSection = (group: ScalingGroup): string => {
  const { record } = group[0]
  const { backend, host, prompts } = record.cell
  return blocks(
    `${text(backend)} (${text(runtimeName(record))}) on ${text(placementName(record))}, host ${text(host.fingerprint)}, prompts ${text(prompts.name)}. ${bestBatch(group)}`,
    table(COLUMNS, group),
  )
}

/** Whether larger batches may bring more: judged by the last step of the ladder. */
const bestBatch = (group: ScalingGroup): string => {
  const measured = group.filter(({ compared }) => compared !== undefined)
  const [largest] = measured.slice(-1)
  const [previous] = measured.slice(-2)
  if (largest?.compared === undefined || previous?.compared === undefined || largest === previous)
    return "Too few of them have a figure to judge."
  const best = measured.reduce((most, next) => (next.compared!.ratio > most.compared!.ratio ? next : most))
  const step = compare(previous.record, largest.record, THROUGHPUT).compared?.judgement
  const told = `Best: ${batchName(best.scenario)}, ${significant(best.compared!.ratio, 3)} × the smallest.`
  return step === "better"
    ? `${told} The largest is still ${significant(largest.compared.ratio / previous.compared.ratio, 3)} × the one before it: **suboptimal, larger batches may bring more**.`
    : `${told} The last step brings nothing that is sure: **larger batches are not needed**.`
}

/** The columns in which runs are held against the base of their group, on a page in `folder`. */
export const comparison = (folder: string): ReadonlyArray<Column<Compared>> => [
  {
    header: "relative",
    align: "right",
    cell: ({ compared }) => (compared === undefined ? MISSING : `${significant(compared.ratio, 3)} ×`),
  },
  {
    header: "judgement",
    cell: ({ compared, record }) =>
      compared?.judgement ?? (record.verdict.status === "invalid" ? "not compared: invalid" : "not measured"),
  },
  { header: "record", cell: ({ record }) => recordLink(record, folder) },
]

const COLUMNS: ReadonlyArray<Column<ScalingPoint>> = [
  {
    header: "documents × batch size",
    align: "right",
    cell: ({ scenario }) => batchName(scenario),
  },
  { header: "docs/s", align: "right", cell: ({ record }) => medianCell(record, THROUGHPUT) },
  ...comparison(REGISTRY_FOLDER),
]
