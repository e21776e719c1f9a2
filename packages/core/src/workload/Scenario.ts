import { Effect, Schema } from "effect"

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** The name of a file without its ending: it leads out of no folder. */
const PromptSetName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected the name of a prompt set" }),
).annotate({ description: "A file of benchmarks/configs/prompts, without .jsonl" })

/** One stream at a time: how long a person waits, and how fast the answer is written. */
export const Latency = Schema.Struct({
  kind: Schema.Literal("latency"),
  prompts: PromptSetName,
  /** Requests of one trial: the first so many prompts of the set, one after the other. */
  requests: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(2))),
  /** Tokens that each request has to produce. */
  outputTokens: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(128))),
}).annotate({ identifier: "Latency" })
export type Latency = typeof Latency.Type

/** Documents turned into vectors, so many a call and so many a forward pass. */
export const Batch = Schema.Struct({
  kind: Schema.Literal("batch"),
  prompts: PromptSetName,
  /** Documents of one call; the set is repeated when it is shorter. */
  documents: PositiveInt,
  /** Documents of one forward pass. */
  batchSize: PositiveInt,
}).annotate({ identifier: "Batch" })
export type Batch = typeof Batch.Type

/** What is asked of a model in a cell. */
export const Scenario = Schema.Union([Latency, Batch])
export type Scenario = typeof Scenario.Type

/** Short name of a scenario, used in tables and record ids, such as `latency-short-chat-2x128`. */
export const scenarioName = (scenario: Scenario): string =>
  scenario.kind === "latency"
    ? `latency-${scenario.prompts}-${scenario.requests}x${scenario.outputTokens}`
    : `batch-${scenario.prompts}-${scenario.documents}x${scenario.batchSize}`

/** The task that a scenario asks for. */
export const scenarioTask = (scenario: Scenario): "generate" | "embed" =>
  scenario.kind === "batch" ? "embed" : "generate"
