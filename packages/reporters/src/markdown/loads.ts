import { GOOD_SHARE, KNEE_GAIN } from "@rigbook/records"
import { significant } from "../format.ts"
import type { LoadGroup, LoadPoint } from "../LoadScaling.ts"
import { placementName, runtimeName } from "../names.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { blocks, text } from "./escape.ts"
import { recordLink } from "./figures.ts"
import { figureColumns, type Showing } from "./overview.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

const percent = (share: number): string => `${significant(100 * share, 2)} %`

const RULE = [
  "Runs that differ only in how much they request at once.",
  `An engine is **saturated** at the last load whose throughput the next one raises by less than ${percent(KNEE_GAIN)}.`,
  `A load meets its objectives when ${percent(GOOD_SHARE)} of its requests do. Invalid runs are left out.`,
].join(" ")

/** A table for each ladder of loads, with where it saturates; nothing without a ladder. */
export const loadSection = (groups: ReadonlyArray<LoadGroup>, showing: Pick<Showing, "metrics"> = {}): string =>
  groups.length === 0 ? "" : blocks("### Load scaling", RULE, ...groups.map((group) => groupSection(group, showing)))

const groupSection = (group: LoadGroup, showing: Pick<Showing, "metrics">): string => {
  const [{ record }] = group.points
  const { backend, host, prompts } = record.cell
  return blocks(
    `${text(backend)} (${text(runtimeName(record))}) on ${text(placementName(record))}, host ${text(host.fingerprint)}, prompts ${text(prompts.name)}. ${saturationSentence(group)}`,
    table(columns(group, showing), group.points),
  )
}

const amount = (load: number, by: LoadGroup["by"]): string =>
  `${load} ${load === 1 && by === "streams" ? "stream" : by}`

/** The result of a ladder, in a sentence or two. */
const saturationSentence = ({ by, points, saturation: { knee, largestGood } }: LoadGroup): string => {
  const judged = points.some(({ good }) => good !== undefined)
  const largest = points.findLast(({ throughput }) => throughput !== undefined)
  return [
    knee !== undefined
      ? `Saturated at **${amount(knee, by)}**.`
      : largest === undefined
        ? "No run has a throughput."
        : `Not saturated up to ${amount(largest.load, by)}.`,
    ...(judged
      ? [
          largestGood === undefined
            ? "No load meets the objectives."
            : `The largest load that meets the objectives: **${amount(largestGood, by)}**.`,
        ]
      : []),
  ].join(" ")
}

const columns = ({ by, points }: LoadGroup, showing: Pick<Showing, "metrics">): ReadonlyArray<Column<LoadPoint>> => [
  { header: by, align: "right", cell: ({ load }) => String(load) },
  ...figureColumns(
    "loads",
    "load",
    points.map(({ record }) => record),
    showing,
  ).map(({ cell, ...column }) => ({ ...column, cell: ({ record }: LoadPoint) => cell(record) })),
  { header: "verdict", cell: ({ record }) => record.verdict.status },
  { header: "record", cell: ({ record }) => recordLink(record, REGISTRY_FOLDER) },
]
