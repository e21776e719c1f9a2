import type { Rating, Stars } from "./Rating.ts"
import type { UseCase } from "./RatingRules.ts"

/** A rating that has stars. */
export type Rated = Rating & { readonly result: Stars }

/** Which model to use for a use case on one host. */
export interface Recommendation {
  readonly useCase: UseCase
  /** The host's fingerprint: figures of two machines are not compared. */
  readonly host: string
  readonly result:
    | {
        /**
         * The best, and all whose range of stars reaches it: a tie is reported as a tie. One run of each family, all valid;
         * suspect ones only where no valid one is rated.
         */
        readonly best: readonly [Rated, ...ReadonlyArray<Rated>]
        /** The best of another architecture. */
        readonly alternative: Rated | undefined
      }
    /** No model qualifies; why each one does not. */
    | { readonly nobody: ReadonlyArray<Rating> }
}
