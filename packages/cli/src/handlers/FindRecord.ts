import type { RunRecord } from "@rigbook/core"
import { readRecords, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { usageFailure } from "../Failure.ts"

/** The latest record whose id contains `text`; a record with exactly that id comes first. */
export const findRecord = Effect.fn("FindRecord.findRecord")(function* (
  workspace: Workspace,
  text: string,
): Effect.fn.Return<RunRecord, unknown, Effect.Services<ReturnType<typeof readRecords>>> {
  const { records } = yield* readRecords(workspace.raw)
  const found = records.find(({ id }) => id === text) ?? records.findLast(({ id }) => id.includes(text))
  if (found !== undefined) return found
  return yield* usageFailure(
    records.length === 0
      ? "There are no records yet. Measure with: rigbook run"
      : `No record's id contains "${text}". List them with: rigbook runs`,
  )
})
