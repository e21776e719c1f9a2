import type { RunRecord } from "@rigbook/core"
import { readAllRecords, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { usageFailure } from "../Failure.ts"

/** So many of the records that an id could mean are listed. */
const LISTED = 12

/** The record whose id is `text`, else the only one whose id contains it: of several none is guessed. */
export const findRecord = Effect.fn("FindRecord.findRecord")(function* (
  workspace: Workspace,
  text: string,
): Effect.fn.Return<RunRecord, unknown, Effect.Services<ReturnType<typeof readAllRecords>>> {
  const { records } = yield* readAllRecords(workspace)
  const found = recordsNamed(records, text)
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  return yield* usageFailure(
    records.length === 0
      ? "There are no records yet. Measure with: rigbook run"
      : found.length === 0
        ? `No record's id contains "${text}". List them with: rigbook runs`
        : severalText(text, found),
  )
})

/** Those that a text may mean: the one with exactly that id, else all whose ids contain it. Pure. */
export const recordsNamed = <Record extends Pick<RunRecord, "id">>(
  records: ReadonlyArray<Record>,
  text: string,
): ReadonlyArray<Record> => {
  const exact = records.find(({ id }) => id === text)
  return exact === undefined ? records.filter(({ id }) => id.includes(text)) : [exact]
}

/** That a text means several records, and which, the newest first. */
export const severalText = (text: string, found: ReadonlyArray<Pick<RunRecord, "id">>): string =>
  [
    `"${text}" is part of the ids of ${found.length} records. Name one of them, or more of its id:`,
    ...found
      .toReversed()
      .slice(0, LISTED)
      .map(({ id }) => `  ${id}`),
    ...(found.length > LISTED ? [`  and ${found.length - LISTED} more: rigbook runs`] : []),
  ].join("\n")
