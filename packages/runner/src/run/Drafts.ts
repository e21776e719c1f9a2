import type { DraftCounts, Sample, Session } from "@rigbook/core"
import { Effect } from "effect"

/** An engine that hangs answers this as little as the request that it hangs at. */
const LONGEST_MS = 15_000

/**
 * What the engine has drafted so far; `undefined` where it has no such counts, or does not answer: then it failed in the
 * trial, or their figure is absent.
 */
export const countedDrafts = ({ drafts }: Session): Effect.Effect<DraftCounts | undefined> =>
  drafts === undefined
    ? Effect.succeed(undefined)
    : drafts.pipe(
        Effect.timeout(LONGEST_MS),
        Effect.orElseSucceed(() => undefined),
      )

/** What was drafted between two counts. Pure. */
export const draftsBetween = (before: DraftCounts | undefined, after: DraftCounts | undefined): Sample["drafts"] =>
  before === undefined || after === undefined
    ? undefined
    : {
        draftedTokens: after.draftedTokens - before.draftedTokens,
        acceptedTokens: after.acceptedTokens - before.acceptedTokens,
      }
