import { CellOrder, ModelFile, PluginManifest, RatingRules, RunLine, RunRecord, Variant } from "@rigbook/core"
import { JournalLine, TelemetryLine, WorkspaceConfig } from "@rigbook/records"
import { HostDescription } from "@rigbook/runner"
import { Effect, JsonSchema, Schema } from "effect"
import { SCHEMA_NAMES, type SchemaName } from "../Choices.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { installedBackends } from "../Plugins.ts"

/** What `rigbook schema` was called with. */
export interface SchemaInput {
  readonly file: SchemaName | undefined
}

/** Where each kind of file lies in a workspace. */
export const FILES: Readonly<Record<SchemaName, string>> = {
  "model-config": "models/configs/*.yaml",
  workspace: "rigbook.yaml",
  plugin: "rigbook in a plugin's package.json",
  rating: "models/rating.yaml",
  host: "benchmarks/configs/hosts/*.yaml",
  record: "benchmarks/results/raw/*/record.json",
  samples: "each line of benchmarks/results/raw/*/samples.ndjson",
  telemetry: "each line of benchmarks/results/raw/*/telemetry.ndjson",
  events: "each line that rigbook run --events and rigbook worker print",
  order: "what rigbook worker reads",
  registry: "models/registry.json",
}

/** Prints the JSON Schema of a kind of file. */
export const schema = Effect.fn("Schema.schema")(function* ({ file }: SchemaInput) {
  yield* file === undefined
    ? print(SCHEMA_NAMES.map((name) => `${name.padEnd(14)}${FILES[name]}`).join("\n"))
    : printJson(yield* documentOf(file))
  return EXIT.done
})

/** The JSON Schema of a kind of file. */
export const documentOf = Effect.fnUntraced(function* (name: SchemaName) {
  switch (name) {
    case "model-config":
      return jsonSchema(yield* modelConfig)
    case "workspace":
      return jsonSchema(WorkspaceConfig)
    case "plugin":
      return jsonSchema(PluginManifest)
    case "rating":
      return jsonSchema(RatingRules)
    case "host":
      return jsonSchema(HostDescription)
    case "record":
      return jsonSchema(RunRecord)
    case "samples":
      return jsonSchema(JournalLine)
    case "telemetry":
      return jsonSchema(TelemetryLine)
    case "events":
      return jsonSchema(RunLine)
    case "order":
      return jsonSchema(CellOrder)
    case "registry":
      return jsonSchema((yield* Effect.promise(() => import("@rigbook/reporters"))).RegistryDocument)
  }
})

/** A model's config with the options of each installed backend. */
const modelConfig = Effect.gen(function* () {
  const backends = yield* installedBackends
  const options = yield* Effect.forEach(backends.ids, (id) =>
    Effect.map(
      backends.get(id),
      (backend) => [id, Schema.optionalKey(backend!.config as Schema.Codec<unknown>)] as const,
    ),
  )
  const known = Schema.optionalKey(Schema.Struct(Object.fromEntries(options)))
  const variants = Schema.Record(
    ModelFile.fields.variants.schema.key,
    Schema.Struct({ ...Variant.fields, backends: known }),
  )
  return Schema.Struct({ ...ModelFile.fields, backends: known, variants: Schema.optionalKey(variants) })
})

const jsonSchema = (of: Schema.Top): unknown => {
  const { definitions, schema: root } = JsonSchema.toDocumentDraft07(
    Schema.toJsonSchemaDocument(of, { onExcessProperty: "error" }),
  )
  return { $schema: "http://json-schema.org/draft-07/schema#", ...root, definitions }
}
