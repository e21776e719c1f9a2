import { medianOf, type RunRecord, scenarioName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { pairRecords } from "@rigbook/registry"
import { MISSING, utcDate } from "../../format.ts"
import { placementName, runtimeName } from "../../names.ts"
import { type Ratio, ratioOf, ratioText } from "../../Ratio.ts"
import { blocks, text } from "../escape.ts"
import { type Column, table } from "../table.ts"
import { type Brief, familyLink } from "./Brief.ts"
import { uncertainCell } from "./cells.ts"

const ROWS = 12

interface Change {
  readonly record: RunRecord
  readonly before?: RunRecord
  readonly ratio?: Ratio | undefined
  /** What to know beside the ratio. Not escaped. */
  readonly what: ReadonlyArray<string>
}

/** What is new, faster, slower or judged otherwise than in the last release of the registry. */
export const changedSection = (brief: Brief): string => {
  const { records, registry } = brief
  if (records.length === 0) return ""
  const heading = "## Changed since the last release"
  const { release } = registry
  if (release === undefined)
    return blocks(
      heading,
      "No release yet, so there is nothing to compare with. `rigbook registry --release` keeps what is shown now, and from then on " +
        "this section says what became faster, slower, valid or suspect, and what is new.",
    )
  const known = new Set(release.records.map(({ id }) => id))
  const now = records.filter(({ id }) => !known.has(id))
  const shown = new Set(records.map(({ id }) => id))
  const gone = release.records.filter(({ id }) => !shown.has(id))
  const { onlyInA, onlyInB, pairs } = pairRecords(gone, now, { sameModel: true })
  const byId = new Map([...gone, ...now].map((record) => [record.id, record]))
  const changes = [
    ...pairs.map(([a, b]) => changeOf(byId.get(a.id)!, byId.get(b.id)!)),
    ...onlyInB.map(({ id }): Change => ({ record: byId.get(id)!, what: ["new"] })),
  ].toSorted((a, b) => weightOf(b) - weightOf(a) || (a.record.id < b.record.id ? -1 : 1))
  const unchanged = records.length - now.length
  return blocks(
    heading,
    `Last release: ${text(utcDate(release.date))}. Runs that are the same: ${unchanged}; new or measured again: ${changes.length}` +
      `${onlyInA.length === 0 ? "" : `; shown no more: ${onlyInA.length}`}.` +
      `${changes.length > ROWS ? ` The ${ROWS} largest changes:` : ""}`,
    table(columns(brief), changes.slice(0, ROWS)),
  )
}

const changeOf = (before: RunRecord, record: RunRecord): Change => {
  const ratio = ratioOf(before, record, metricOf("speed", record.cell.task).id)
  const [from, to] = [runtimeName(before), runtimeName(record)]
  return {
    record,
    before,
    ratio,
    what: [
      ...(before.verdict.status === record.verdict.status
        ? []
        : [`was ${before.verdict.status}, is ${record.verdict.status}`]),
      ...(from === to ? [] : [`${from} → ${to}`]),
    ],
  }
}

/** A certain change weighs most, then another verdict, then what is new. */
const weightOf = ({ before, ratio, what }: Change): number => {
  if (before === undefined) return 1
  const size = ratio === undefined ? 0 : Math.min(1, Math.abs(Math.log(ratio.ratio)))
  return (ratio?.word === "faster" || ratio?.word === "slower" ? 4 : 0) + (what.length > 0 ? 2 : 0) + size
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
