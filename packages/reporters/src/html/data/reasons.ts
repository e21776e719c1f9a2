import type { RunRecord, VerdictReason } from "@rigbook/core"
import { visible } from "@rigbook/core"
import type { PageData } from "../PageData.ts"
import type { PageReason, PageRun } from "../PageRun.ts"

const pageReason = ({ advice, level }: VerdictReason): PageReason => ({ level, advice: visible(advice) })

/** By code, as in the newest record: those of other versions may have other reasons, or other advice for the same. */
export const reasonsOf = (records: ReadonlyArray<RunRecord>): PageData["reasons"] => {
  const newest = new Map<string, { readonly id: string; readonly reason: VerdictReason }>()
  for (const { id, verdict } of records)
    for (const reason of verdict.reasons) {
      const code = visible(reason.code)
      if (id > (newest.get(code)?.id ?? "")) newest.set(code, { id, reason })
    }
  const codes = [...newest.keys()].toSorted()
  return Object.fromEntries(codes.map((code) => [code, pageReason(newest.get(code)!.reason)]))
}

/** A run's reason; its level and advice only where they are not the known ones. */
export const runReason = (reason: VerdictReason, known: PageData["reasons"]): PageRun["reasons"][number] => {
  const code = visible(reason.code)
  const own = pageReason(reason)
  const { advice, level } = known[code]!
  const isKnown = advice === own.advice && level === own.level
  return { code, detail: visible(reason.detail), ...(isKnown ? {} : own) }
}
