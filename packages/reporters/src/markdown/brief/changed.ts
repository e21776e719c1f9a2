import { medianOf, type RunRecord, scenarioName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { type Change, changesOf } from "../../Changes.ts"
import { MISSING, utcDate } from "../../format.ts"
import { placementName } from "../../names.ts"
import { ratioText } from "../../Ratio.ts"
import { blocks, text } from "../escape.ts"
import { type Column, table } from "../table.ts"
import { type Brief, familyLink } from "./Brief.ts"
import { uncertainCell } from "./cells.ts"

const ROWS = 12

/** What is new, faster, slower or judged otherwise than in the last release of the registry. */
export const changedSection = (brief: Brief): string => {
  const { records, registry } = brief
  if (records.length === 0) return ""
  const heading = "## Changed since the last release"
  const since = changesOf(registry)
  if (since === undefined)
    return blocks(
      heading,
      "No release yet, so there is nothing to compare with. `rigbook registry --release` keeps what is shown now, and from then on " +
        "this section says what became faster, slower, valid or suspect, and what is new.",
    )
  const { changes, date, gone, unchanged } = since
  return blocks(
    heading,
    `Last release: ${text(utcDate(date))}. Runs that are the same: ${unchanged}; new or measured again: ${changes.length}` +
      `${gone === 0 ? "" : `; shown no more: ${gone}`}.` +
      `${changes.length > ROWS ? ` The ${ROWS} largest changes:` : ""}`,
    table(columns(brief), changes.slice(0, ROWS)),
  )
}

const columns = (brief: Brief): ReadonlyArray<Column<Change>> => {
  const speed = (record: RunRecord | undefined): string =>
    record === undefined || medianOf(record, metricOf("speed", record.cell.task).id) === undefined
      ? MISSING
      : `${uncertainCell(record, metricOf("speed", record.cell.task).id)} ${text(metricOf("speed", record.cell.task).unit)}`
  return [
    { header: "verdict", cell: ({ record }) => brief.references.mark(record) },
    {
      header: "run",
      cell: ({ record }) =>
        `${familyLink(brief.familyOf(record))} ${text(`${brief.variantOf(record).label}, ${placementName(record)}, ${scenarioName(record.cell.scenario)}`)}`,
    },
    { header: "before", align: "right", cell: ({ before }) => speed(before) },
    { header: "now", align: "right", cell: ({ record }) => speed(record) },
    {
      header: "change",
      cell: ({ ratio, what }) =>
        [...(ratio === undefined ? [] : [ratioText(ratio)]), ...what.map(text)].join("; ") || MISSING,
    },
  ]
}
