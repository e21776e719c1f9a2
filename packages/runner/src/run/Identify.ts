import type { EngineIdentity } from "@rigbook/core"
import { Effect } from "effect"

const LONGEST_MS = 15_000

/** What the engine reports of itself. A missing or late answer is no failure of a cell that is already measured. */
export const identityOf = (identify: Effect.Effect<EngineIdentity>): Effect.Effect<EngineIdentity> =>
  identify.pipe(
    Effect.timeoutOrElse({
      duration: LONGEST_MS,
      orElse: () => Effect.succeed(unknown(`it did not answer within ${LONGEST_MS / 1000} s`)),
    }),
    Effect.catchDefect((defect) =>
      Effect.succeed(
        unknown(`the plugin ended with a defect: ${defect instanceof Error ? defect.message : String(defect)}`),
      ),
    ),
  )

const unknown = (absent: string): EngineIdentity => ({ program: {}, process: {}, absent })
