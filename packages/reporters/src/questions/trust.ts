import type { RunRecord } from "@rigbook/core"
import { proofText } from "../Rig.ts"
import { visible } from "@rigbook/core"
import { Order } from "effect"
import { countVerdicts } from "../markup/marks.ts"
import { markup } from "../markup/markup.ts"
import { type Answer, barMark, line } from "./card.ts"

/** So many reasons are named, the most frequent first. */
const REASONS = 4

/** How many runs are valid, what speaks against the others, and whether they ran where they were requested to. */
export const trustAnswer = (records: ReadonlyArray<RunRecord>): Answer => {
  const counts = countVerdicts(records.map(({ verdict }) => ({ verdict: verdict.status })))
  const of = records.length
  return {
    id: "trust",
    question: "Can I trust it?",
    answer:
      counts.valid === of ? `All ${of} runs are valid` : `${counts.valid} of ${of} ${of === 1 ? "run" : "runs"} valid`,
    lines: [
      barMark(
        (["valid", "suspect", "invalid"] as const).map((status) => ({ className: status, share: counts[status] / of })),
      ),
      ...(["suspect", "invalid"] as const).flatMap((status) => {
        const reasons = reasonsOf(records.filter(({ verdict }) => verdict.status === status))
        return reasons === "" ? [] : [line(markup("a", { href: `#verdict=${status}` }, status), `: ${reasons}`)]
      }),
      line(proofText(records)),
      line(markup("code", {}, "rigbook verify"), " derives every figure again from its samples."),
    ],
  }
}

const reasonsOf = (records: ReadonlyArray<RunRecord>): string => {
  const codes = records.flatMap(({ verdict }) =>
    verdict.reasons.filter(({ level }) => level !== "note").map(({ code }) => visible(code)),
  )
  const counts = [...Map.groupBy(codes, (code) => code)].toSorted(
    ([a, as], [b, bs]) => bs.length - as.length || Order.String(a, b),
  )
  const named = counts.slice(0, REASONS).map(([code, { length }]) => `${length} ${code}`)
  return [...named, ...(counts.length > REASONS ? [`${counts.length - REASONS} more reasons`] : [])].join(", ")
}
