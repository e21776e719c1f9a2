import { FILE_LIMITS, readText } from "@rigbook/core"
import { Effect } from "effect"
import { join } from "node:path"
import { BadJournal, type Journal, JOURNAL_FILE, parseJournal } from "../journal/Journal.ts"
import { lineOfSample, misplacedTrials } from "../journal/Trials.ts"
import { unfinishedFolders } from "./RecordStore.ts"
import { isMeasuredElsewhere } from "./RunClaim.ts"

/** A cell that has a journal and no record yet. */
export interface LeftRun {
  readonly folder: string
  readonly journal: Journal
  /** Why it can't be resumed; the journal is only its first line then. */
  readonly bad?: BadJournal
}

/**
 * What interrupted runs have left, without those that another machine measures. A journal whose first line can't be read names no cell, and is ignored. Fails with
 * `PlatformError` where the folder of records can't be read.
 */
export const leftRuns = Effect.fn("LeftRuns.leftRuns")(function* (raw: string) {
  const folders = yield* unfinishedFolders(raw)
  const ours = yield* Effect.filter(folders, (folder) => Effect.map(isMeasuredElsewhere(folder), (is) => !is))
  const runs = yield* Effect.forEach(ours, (folder) => Effect.orElseSucceed(leftRun(folder), () => undefined))
  return runs.filter((run) => run !== undefined)
})

const leftRun = Effect.fnUntraced(function* (folder: string) {
  const path = join(folder, JOURNAL_FILE)
  const text = yield* readText(path, FILE_LIMITS.journal)
  const begun = yield* parseJournal(text.slice(0, text.indexOf("\n") + 1), path)
  if (begun === undefined) return undefined
  const whole = yield* Effect.result(parseJournal(text, path))
  if (whole._tag === "Failure") return { folder, journal: begun, bad: whole.failure } satisfies LeftRun
  const journal = whole.success ?? begun
  const [misplaced] = misplacedTrials(journal)
  if (misplaced === undefined) return { folder, journal } satisfies LeftRun
  const { detail, sample } = misplaced
  const line = lineOfSample(text, sample)
  return { folder, journal: begun, bad: new BadJournal({ path, line, detail }) } satisfies LeftRun
})
