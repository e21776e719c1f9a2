import { Schema } from "effect"
import { Environment } from "../host/Environment.ts"
import { Host } from "../host/Host.ts"
import { ModelFacts, Task } from "../model/Model.ts"
import { AnyModel } from "../model/ServedModel.ts"
import { ModelSource } from "../model/ModelSource.ts"
import { DeviceDemand } from "../placement/Demand.ts"
import { Placement } from "../placement/Placement.ts"
import { BackendError } from "../runtime/BackendError.ts"
import { Effective, EngineBuffer, Runtime } from "../runtime/Runtime.ts"
import { Protocol } from "../scenario/ModelConfig.ts"
import { Scenario } from "../scenario/Scenario.ts"
import { Scored } from "../scenario/Scored.ts"
import { Answers } from "./Answers.ts"
import { Estimate } from "./Estimate.ts"
import { ObservedDevice, PlacementProof } from "./ObservedDevice.ts"
import { ProcessMemory } from "./Sample.ts"
import { Summary } from "./Summary.ts"
import { Truncation } from "./Truncation.ts"
import { Turn } from "./Turn.ts"
import { Verdict } from "./Verdict.ts"

const Settings = Effective.fields.settings

/** A metric's value over a cell's measured trials, or the reason why it has none. */
export const MetricValue = Schema.Struct({
  metric: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  definition: Schema.NonEmptyString,
  unit: Schema.NonEmptyString,
  better: Schema.Literals(["lower", "higher"]),
  /** Options that the metric was given, as they were written; left out where none were. */
  options: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  result: Schema.Union([
    Schema.Struct({
      summary: Summary,
      /** One value a measured trial (or an opening of the engine), in their order; null where one has none. */
      trials: Schema.Array(Schema.NullOr(Schema.Finite)),
    }),
    Schema.Struct({ absent: Schema.NonEmptyString }),
  ]),
})
export type MetricValue = typeof MetricValue.Type

/** What was observed from outside the engine. */
export const Observed = Schema.Struct({
  /** Largest resident memory of the engine's process tree, in bytes, over the measured trials. */
  peakRssBytes: Schema.Union([
    Schema.Struct({ value: Schema.Finite }),
    Schema.Struct({ absent: Schema.NonEmptyString }),
  ]),
  /** Each process of that tree with its own largest resident memory over the measured trials, the largest first. */
  processes: Schema.optionalKey(Schema.Array(ProcessMemory)),
  /** Each GPU that telemetry read; left out of records made without telemetry. */
  devices: Schema.optionalKey(Schema.Array(ObservedDevice)),
  /** Whether what was observed confirms the placement. */
  placement: Schema.optionalKey(PlacementProof),
})

/** What was requested, by the names that the engine reports. */
export const Requested = Schema.Struct({
  devices: Schema.Array(Schema.String),
  settings: Settings,
  /** What each device except the processor must hold, if the backend can predict it. */
  buffers: Schema.optionalKey(Schema.Array(EngineBuffer)),
  /** What each device was estimated to need, part by part. */
  demand: Schema.optionalKey(Schema.Array(DeviceDemand)),
})
export type Requested = typeof Requested.Type

/** What a cell is: planned from the config and the host, before anything runs. */
export const CellSpec = Schema.Struct({
  /** The same for the same config, model file, runtime version and host; anything else is another cell. */
  identity: Schema.NonEmptyString,
  config: Schema.Struct({ id: Schema.NonEmptyString, name: Schema.NonEmptyString, path: Schema.NonEmptyString }),
  task: Task,
  backend: Schema.NonEmptyString,
  /** The backend's options as decoded, defaults filled in. */
  options: Schema.Json,
  placement: Placement,
  scenario: Scenario,
  protocol: Protocol,
  prompts: Schema.Struct({
    name: Schema.NonEmptyString,
    /** From the workspace's root, if it is not one of the sets: a user's own prompts, or a trace. */
    file: Schema.optionalKey(Schema.NonEmptyString),
    sha256: Schema.NonEmptyString,
    /** Prompts of a set, requests of a trace, or queries or pairs of a dataset. */
    count: Schema.Int,
    license: Schema.NonEmptyString,
    /** Of a dataset whose file tells it. */
    language: Schema.optionalKey(Schema.NonEmptyString),
  }),
  source: ModelSource,
  license: Schema.optionalKey(Schema.String),
  model: AnyModel,
  /** The model that it was compared with, for `kld`. */
  reference: Schema.optionalKey(
    Schema.Struct({
      sha256: ModelFacts.fields.sha256,
      quantization: ModelFacts.fields.quantization,
      bitsPerWeight: ModelFacts.fields.bitsPerWeight,
      quantizedFrom: ModelFacts.fields.quantizedFrom,
    }),
  ),
  runtime: Runtime,
  host: Host,
})
export type CellSpec = typeof CellSpec.Type

/** A finished cell: what its journal gives. Everything except the samples beside it can be derived again. */
export class RunRecord extends Schema.Class<RunRecord>("rigbook/RunRecord")({
  schema: Schema.Literal(1),
  /** The version of the rules that derived it, from 1; left out for 1. */
  derivation: Schema.optionalKey(Schema.Int),
  /** The name of its folder. */
  id: Schema.NonEmptyString,
  startedAt: Schema.String,
  finishedAt: Schema.String,
  cell: CellSpec,
  /** At the start; for a resumed run, the busiest of its starts. */
  environment: Environment,
  requested: Requested,
  /** Absent if the engine never became ready. */
  effective: Schema.optionalKey(Effective),
  observed: Observed,
  /** Each device's memory as estimated and as observed; left out of records without an estimate. */
  estimates: Schema.optionalKey(Schema.Array(Estimate)),
  /** Why the cell ended early, if it did. What it had measured by then is kept. */
  failure: Schema.optionalKey(BackendError),
  /** Of samples.ndjson: its hash, and the number of trials in it. */
  samples: Schema.Struct({ sha256: Schema.NonEmptyString, warmup: Schema.Int, measured: Schema.Int }),
  /** What was cut off its documents, of an embedding run; absent in records from before this was checked. */
  truncation: Schema.optionalKey(Truncation),
  /** Absent if the engine ended before the answers were requested, and in records from before answers were stored. */
  answers: Schema.optionalKey(Answers),
  /** Of quality: what the vectors of its first measured trial came to, so that two records are compared query by query. */
  scored: Schema.optionalKey(Scored),
  /** Of a conversation: each turn that succeeded. */
  turns: Schema.optionalKey(Schema.Array(Turn)),
  /** Of telemetry.ndjson, where there is one. */
  telemetry: Schema.optionalKey(Schema.Struct({ sha256: Schema.NonEmptyString, readings: Schema.Int })),
  values: Schema.Array(MetricValue),
  verdict: Verdict,
}) {}

/** The value of a metric in a record; `undefined` when the metric was absent or is not part of it. */
export const medianOf = (record: RunRecord, metric: string): number | undefined => {
  const value = record.values.find((candidate) => candidate.metric === metric)
  return value !== undefined && "summary" in value.result ? value.result.summary.median : undefined
}
