import { Schema } from "effect"
import { DeviceId } from "../host/Host.ts"
import { Verdict } from "./Verdict.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Of every line: when it happened, in ISO 8601. */
const at = Schema.String
/** Of most: the identity of the cell that it is about. */
const ofCell = { at, cell: Schema.NonEmptyString }

/** The result of a cell. The figures are in its record. */
const outcome = {
  /** Id of the record, and the name of its folder. */
  record: Schema.NonEmptyString,
  startedAt: Schema.String,
  status: Verdict.fields.status,
  /** Codes of the verdict's reasons, each once. */
  reasons: Schema.Array(Schema.NonEmptyString),
  /** Why the cell ended early, and what to do, in two sentences; left out if it did not. */
  failure: Schema.optionalKey(Schema.NonEmptyString),
}

/**
 * What happens while cells run, in order: one line of NDJSON each. Cells are named by identity, records by id. Lines are for
 * programs that wait: results are in journals and records, so a lost line loses nothing.
 */
export const RunLine = Schema.Union([
  /** The first line of a run: its cells. */
  Schema.Struct({
    kind: Schema.Literal("run"),
    at,
    schema: Schema.Literal(1),
    cells: Schema.Array(
      Schema.Struct({
        cell: Schema.NonEmptyString,
        /** Id of the config. */
        config: Schema.NonEmptyString,
        /** The model's. */
        name: Schema.NonEmptyString,
        backend: Schema.NonEmptyString,
        placement: Schema.NonEmptyString,
        scenario: Schema.NonEmptyString,
      }),
    ),
  }),
  /** The cell has a current record, which is reused. */
  Schema.Struct({ kind: Schema.Literal("reused"), ...ofCell, ...outcome }),
  /** A rung of a ramp that ended below it: it has no record. */
  Schema.Struct({ kind: Schema.Literal("skipped"), ...ofCell, reason: Schema.NonEmptyString }),
  /** The cell's folder exists. `kept`: measured trials from an interrupted run. */
  Schema.Struct({ kind: Schema.Literal("started"), ...ofCell, record: Schema.NonEmptyString, kept: Count }),
  /** It waits until a GPU of the cell is about as cool as when the run began. */
  Schema.Struct({
    kind: Schema.Literal("cooling"),
    ...ofCell,
    device: DeviceId,
    /** Degrees Celsius (°C): now, and when the wait ends. */
    temperatureC: Schema.Finite,
    untilC: Schema.Finite,
  }),
  /** The model is loaded. */
  Schema.Struct({ kind: Schema.Literal("opened"), ...ofCell, loadMs: Schema.Finite }),
  /** The requests are sent whose answers are stored: see `Answers`. */
  Schema.Struct({ kind: Schema.Literal("asking"), ...ofCell, requests: Count }),
  /** A trial is over and in the journal. */
  Schema.Struct({
    kind: Schema.Literal("trial"),
    ...ofCell,
    phase: Schema.Literals(["warmup", "measured"]),
    /** From 0, warm-ups and measured trials counted apart. */
    trial: Count,
    /** Trials of the cell until now, including those of an interrupted run. */
    done: Count,
    /** Trials of the cell at most: fewer if the figures are precise enough before. */
    total: Count,
  }),
  /** The cell has its record. */
  Schema.Struct({ kind: Schema.Literal("finished"), ...ofCell, ...outcome }),
  /** A config that can't be measured and is left out; as the last line, why the run ended. */
  Schema.Struct({ kind: Schema.Literal("error"), at, message: Schema.String }),
]).annotate({ identifier: "RunLine" })
export type RunLine = typeof RunLine.Type
