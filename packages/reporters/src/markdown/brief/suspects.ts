import type { RunRecord, VerdictReason } from "@rigbook/core"
import { scenarioName } from "@rigbook/core"
import { Order } from "effect"
import { blocks, sentence, text } from "../escape.ts"
import { signOf } from "../References.ts"
import { type Column, table } from "../table.ts"
import type { Brief } from "./Brief.ts"

/** Reasons in the table, and runs that one names. */
const [ROWS, RUNS] = [14, 8]

interface Row {
  readonly reason: VerdictReason
  readonly records: ReadonlyArray<RunRecord>
  /** As the record of the largest figure says it. */
  readonly worst: string
}

/** What speaks against runs, grouped by reason, with what to do about it; a line where nothing does. */
export const suspectsSection = (brief: Brief): string => {
  const { records } = brief
  if (records.length === 0) return ""
  const heading = "## What is suspect and why"
  const doubtful = records.filter(({ verdict }) => verdict.status !== "valid")
  if (doubtful.length === 0) return blocks(heading, "Nothing: every run is valid.")
  const rows = rowsOf(doubtful)
  return blocks(
    heading,
    `${doubtful.length} of ${records.length} runs; a run may have several reasons. Their figures are kept and marked, and none ` +
      `leads a recommendation where a valid run is rated.${rows.length > ROWS ? ` The ${ROWS} most frequent of ${rows.length} reasons:` : ""}`,
    table(columns(brief), rows.slice(0, ROWS)),
  )
}

const rowsOf = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Row> => {
  const reasons = records.flatMap((record) =>
    record.verdict.reasons.filter(({ level }) => level !== "note").map((reason) => ({ reason, record })),
  )
  return [...Map.groupBy(reasons, ({ reason }) => reason.code).values()]
    .map((alike) => ({
      reason: alike[0]!.reason,
      records: [...new Set(alike.map(({ record }) => record))],
      worst: alike.reduce((worst, next) => (sizeOf(next.reason) > sizeOf(worst.reason) ? next : worst)).reason.detail,
    }))
    .toSorted(
      (a, b) =>
        Number(b.reason.level === "invalid") - Number(a.reason.level === "invalid") ||
        b.records.length - a.records.length ||
        Order.String(a.reason.code, b.reason.code),
    )
}

/** The first number of a reason's detail: how much there was of what it speaks of. */
const sizeOf = ({ detail }: VerdictReason): number => Math.abs(Number(/\d+(?:\.\d+)?/.exec(detail)?.[0] ?? 0))

const columns = (brief: Brief): ReadonlyArray<Column<Row>> => [
  {
    header: "verdict",
    cell: ({ reason }) =>
      signOf({ verdict: { status: reason.level === "invalid" ? "invalid" : "suspect", reasons: [] } }),
  },
  { header: "reason", cell: ({ reason }) => `**${text(reason.code)}**` },
  { header: "runs", align: "right", cell: ({ records }) => String(records.length) },
  { header: "worst", cell: ({ worst }) => text(worst) },
  { header: "what to do", cell: ({ reason }) => sentence(reason.advice) },
  {
    header: "which",
    cell: ({ records }) => {
      const named = records.slice(0, RUNS)
      const of = [...Map.groupBy(named, (record) => brief.variantOf(record)).values()].map((alike) => {
        const [first] = alike
        const links = alike.map((record) => brief.references.link(text(scenarioName(record.cell.scenario)), record))
        return `${text(`${brief.familyOf(first!).name} ${brief.variantOf(first!).label}`)}: ${links.join(", ")}`
      })
      const left = records.length - named.length
      return `${of.join("; ")}${left > 0 ? `; and ${left} more` : ""}`
    },
  },
]
