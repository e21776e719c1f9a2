import { batchName } from "@rigbook/core"
import { KNEE_GAIN } from "@rigbook/records"
import { growsByBatch, type ScalingGroup, type ScalingPoint, THROUGHPUT } from "../BatchScaling.ts"
import { MISSING, significant } from "../format.ts"
import { lastThatPays } from "../LastThatPays.ts"
import { placementName, runtimeName } from "../names.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { type Compared, TOLERANCE } from "../Scaling.ts"
import { blocks, text } from "./escape.ts"
import { medianCell, recordLink } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** The meaning of the words of a comparison. */
export const JUDGEMENT_RULE = [
  `**better** from ${significant(1 + TOLERANCE, 3)} ×, **flat** within ${significant(TOLERANCE * 100, 1)} %, **slower** below;`,
  "**unclear** where the change is larger but the two 95 % intervals overlap.",
  "Invalid runs are not compared.",
].join(" ")

const SCALING_RULE =
  "Throughput relative to the smallest batch that has a figure, between runs that differ only in the batch: " +
  JUDGEMENT_RULE

/** A table for each group of runs that differ only in the batch; nothing without such a group. */
export const scalingSection = (groups: ReadonlyArray<ScalingGroup>): string =>
  groups.length === 0 ? "" : blocks("### Batch scaling", SCALING_RULE, ...groups.map(groupSection))

const groupSection = (group: ScalingGroup): string => {
  const { record } = group[0]
  const { backend, host, prompts } = record.cell
  return blocks(
    `${text(backend)} (${text(runtimeName(record))}) on ${text(placementName(record))}, host ${text(host.fingerprint)}, prompts ${text(prompts.name)}. ${kneeSentence(group)}`,
    table(COLUMNS, group),
  )
}

/** Which batch still pays: the knee of the ladder, and how much it brings over the smallest. */
const kneeSentence = (group: ScalingGroup): string => {
  const measured = group.filter(({ compared }) => compared !== undefined)
  if (measured.length < 2) return "Too few runs have a figure to compare."
  const what = growsByBatch(group) ? "a forward pass" : "a call"
  const best = measured.reduce((most, next) => (next.compared!.ratio > most.compared!.ratio ? next : most))
  const reported = `Best: ${batchName(best.scenario)}, ${significant(best.compared!.ratio, 3)} × the smallest.`
  const last = lastThatPays(group)?.scenario
  const size = last && (growsByBatch(group) ? last.batchSize : last.documents)
  return size === undefined
    ? `${reported} Each step up pays: **suboptimal, larger batches may be faster**.`
    : `${reported} The last step that pays: **${size} documents ${what}**; the next adds less than ${significant(100 * KNEE_GAIN, 1)} % more.`
}

/** The columns that compare runs with the base of their group, on a page in `folder`. */
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
