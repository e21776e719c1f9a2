import type { Metric } from "../Metric.ts"
import type { RunRecord } from "../record/RunRecord.ts"
import type { TelemetryOpening } from "../record/TelemetryOpening.ts"
import type { Planned } from "../scenario/ModelConfig.ts"
import type { CheckedClaim } from "./Claim.ts"
import type { Equivalence } from "./Equivalence.ts"
import type { Imported } from "./Imported.ts"
import type { NextStep } from "./NextStep.ts"
import type { Note } from "./Note.ts"
import type { PlannedModel } from "./PlannedModel.ts"
import type { Rating } from "./Rating.ts"
import type { RatingRules } from "./RatingRules.ts"
import type { Recommendation } from "./Recommendation.ts"

/** What the registry says about one model: its runs, each with its own record, and what people wrote. */
export interface Entry {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /** Shared by one model in several quantizations: as its config says, else its name without the quantization. */
  readonly family: string
  /** Its config's file today, from the root of the workspace; left out where there is none any more. */
  readonly path?: string
  /** What the config still plans for, such as its use. */
  readonly planned?: Planned
  /**
   * What is current, ordered by backend, placement and scenario: for each of them and each host the latest record
   * that is not invalid, and after it a later one that is. Their verdicts are those of record.json, and in addition
   * what comparing the records shows (`engines-disagree`).
   */
  readonly records: ReadonlyArray<RunRecord>
  /** Number of records that a later one replaced. */
  readonly superseded: number
  /** Those records, oldest first; left out where there are none. */
  readonly earlier?: ReadonlyArray<RunRecord>
  /** Ratings of its runs for each use case, in the order of the rules and of `records`. */
  readonly ratings: ReadonlyArray<Rating>
  readonly notes: ReadonlyArray<CheckedNote>
}

/** A note beside what the records say about its claims. */
export interface CheckedNote extends Omit<Note, "claims"> {
  readonly claims: ReadonlyArray<CheckedClaim>
}

/** What all records and notes of a workspace say together: the input of reporters. */
export interface Registry {
  readonly entries: ReadonlyArray<Entry>
  /** How alike the answers of current records of one model are, across engines, placements and files. */
  readonly equivalences: ReadonlyArray<Equivalence>
  /** What other tools measured, by tool and time: never among the entries. */
  readonly imported: ReadonlyArray<Imported>
  /** When the latest record was finished; `undefined` for an empty registry. */
  readonly updatedAt: string | undefined
  /** The rules, if there are any; without them nothing is rated. */
  readonly rules: RatingRules | undefined
  readonly recommendations: ReadonlyArray<Recommendation>
  /** Models that are planned and have no record, by priority and id. */
  readonly planned: ReadonlyArray<PlannedModel>
  /** What is planned and not yet valid. */
  readonly nextSteps: ReadonlyArray<NextStep>
  /** Current records whose engine or driver is not their host's current one, by id, with the reason. */
  readonly stale: ReadonlyMap<string, ReadonlyArray<string>>
  /**
   * What the registry showed when it was last released, as far as those records are still there, and the time of the latest
   * of them; left out where it never was.
   */
  readonly release?: { readonly date: string; readonly records: ReadonlyArray<RunRecord> } | undefined
  /** Ids of records that have their own report. */
  readonly reports: ReadonlySet<string>
  /** Metrics that may request columns: by default only Rigbook's. */
  readonly metrics?: ReadonlyArray<Metric>
  /** What was read while the latest records were measured, thinned for plots, by the records' ids. */
  readonly telemetry?: ReadonlyMap<string, ReadonlyArray<TelemetryOpening>>
}
