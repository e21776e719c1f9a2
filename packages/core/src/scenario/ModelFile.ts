import { Schema } from "effect"
import { ModelSource, QuantizedSource } from "../model/ModelSource.ts"
import { listOf } from "./Amounts.ts"
import { Divergence } from "./kinds/Divergence.ts"
import { ModelConfig } from "./ModelConfig.ts"
import { ScenarioLadder } from "./Scenario.ts"
import { ScenarioSetName } from "./ScenarioSets.ts"

/** It becomes part of a config's name, of records' folders and of commands. */
const Key = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected a name of letters, digits, dots and dashes" }),
)

/** Sources by name: a quantized one may name the one that it is made from. */
export const Weights = Schema.Record(
  Key,
  Schema.Union([
    ModelSource,
    Schema.Struct({
      quantized: Schema.Struct({ ...QuantizedSource.fields.quantized.fields, from: Key }),
    }),
  ]),
).annotate({ identifier: "Weights" })

/** Settings of options, by backend: each combination is a variant of its own. */
export const Sweep = Schema.Record(
  Schema.String,
  Schema.Record(Schema.String, listOf(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))),
).annotate({ identifier: "Sweep" })
export type Sweep = typeof Sweep.Type

/** A divergence from one of the file's `weights`. */
const DivergenceByName = Schema.Struct({ ...Divergence.fields, reference: Key }).annotate({
  identifier: "DivergenceByName",
})

/** Scenarios, and sets of them by name. */
const Scenarios = Schema.Union([
  ScenarioSetName,
  listOf(Schema.Union([ScenarioSetName, ScenarioLadder, DivergenceByName])),
])

const { backends, hosts, license, name, placement, planned, protocol, source, task, family } = ModelConfig.fields

/** A set of scenarios of a plugin, in a file of its own: what configs that name it get in its place, by task. */
export const ScenarioSet = Schema.Struct({
  generate: Schema.optionalKey(listOf(ScenarioLadder)),
  embed: Schema.optionalKey(listOf(ScenarioLadder)),
}).annotate({ identifier: "ScenarioSet" })

/** What a variant has of its own: its keys replace those of the file. */
export const Variant = Schema.Struct({
  /** By default that of the file, and behind a comma the variant's. */
  name: Schema.optionalKey(name),
  license,
  planned,
  hosts,
  source,
  /** One of the file's `weights`, in place of a source. */
  weights: Schema.optionalKey(Key),
  backends: Schema.optionalKey(backends),
  sweep: Schema.optionalKey(Sweep),
  placement,
  scenarios: Schema.optionalKey(Scenarios),
  protocol,
}).annotate({ identifier: "Variant" })

/**
 * One file of models/configs: a model, or a family of one in several variants. Each variant is a config (`ModelConfig`):
 * what the file has, with the variant's own keys in place of the file's.
 */
export const ModelFile = Schema.Struct({
  name,
  family,
  task,
  license,
  planned,
  hosts,
  source,
  /** Named sources; without `variants` each is a variant. */
  weights: Schema.optionalKey(Weights),
  backends: Schema.optionalKey(backends),
  sweep: Schema.optionalKey(Sweep),
  placement,
  scenarios: Schema.optionalKey(Scenarios),
  protocol,
  /** By name: a config is called like the file and its variant, `<file>-<variant>`; `base` is called like the file. */
  variants: Schema.optionalKey(Schema.Record(Key, Variant)),
}).annotate({ identifier: "ModelFile" })
