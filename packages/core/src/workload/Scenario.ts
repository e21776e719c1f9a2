import { Effect, Schema } from "effect"
import { lengthName } from "./Length.ts"
import {
  Concurrency,
  ConcurrencyLadder,
  Context,
  ContextLadder,
  OpenLoop,
  OpenLoopLadder,
  Soak,
} from "./LoadScenario.ts"
import { type LoadPrompts, PromptSetName } from "./Prompts.ts"

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

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

/** What is asked of a model in a cell: `rate` is in requests a second, `depth` in tokens. */
export const Scenario = Schema.Union([Latency, Batch, Concurrency, OpenLoop, Context, Soak])
export type Scenario = typeof Scenario.Type

const BatchLadder = Schema.Struct({
  ...Batch.fields,
  batchSize: Schema.Union([PositiveInt, Schema.NonEmptyArray(PositiveInt)]),
})

/** What a config asks for: one scenario, or a ladder of them where a list stands for one number. */
export const ScenarioLadder = Schema.Union([
  Latency,
  BatchLadder,
  ConcurrencyLadder,
  OpenLoopLadder,
  ContextLadder,
  Soak,
]).annotate({ identifier: "ScenarioLadder" })
export type ScenarioLadder = typeof ScenarioLadder.Type

const DEPTHS = [512, 1024, 2048, 4096, 8192, 16_384, 32_768]

/** The scenarios of a ladder, one for each cell. `contextLength`: tokens that the model was made for, if known. */
export const rungsOf = (ladder: ScenarioLadder, contextLength = Infinity): ReadonlyArray<Scenario> => {
  switch (ladder.kind) {
    case "latency":
    case "soak":
      return [ladder]
    case "batch":
      return [ladder.batchSize].flat().map((batchSize) => ({ ...ladder, batchSize }))
    case "concurrency":
      return [ladder.streams].flat().map((streams) => ({ ...ladder, streams }))
    case "open-loop":
      return [ladder.rate].flat().map((rate) => ({ ...ladder, rate }))
    case "context":
      return [ladder.depth ?? DEPTHS.filter((depth) => depth + ladder.outputTokens <= contextLength)]
        .flat()
        .map((depth) => ({ ...ladder, depth }))
  }
}

/** The prompt set that a scenario reads; `undefined` when it makes its prompts up. */
export const promptSetOf = (scenario: ScenarioLadder): string | undefined =>
  scenario.kind === "context" || typeof scenario.prompts !== "string" ? undefined : scenario.prompts

/** Requests of one trial of a closed loop. */
export const closedLoopRequests = ({ requests, streams }: Concurrency): number => requests ?? 4 * streams

const promptsName = (prompts: LoadPrompts): string =>
  typeof prompts === "string" ? prompts : `${lengthName(prompts.tokens)}-tokens`

/** Short name of a scenario, used in tables and record ids, such as `latency-short-chat-2x128`. */
export const scenarioName = (scenario: Scenario): string => {
  switch (scenario.kind) {
    case "latency":
      return `latency-${scenario.prompts}-${scenario.requests}x${scenario.outputTokens}`
    case "batch":
      return `batch-${scenario.prompts}-${scenario.documents}x${scenario.batchSize}`
    case "concurrency":
      return `concurrency-${scenario.streams}-${promptsName(scenario.prompts)}-${closedLoopRequests(scenario)}x${lengthName(scenario.outputTokens)}`
    case "open-loop":
      return `open-loop-${scenario.arrivals}-${scenario.rate}-${promptsName(scenario.prompts)}-${scenario.requests}x${lengthName(scenario.outputTokens)}`
    case "context":
      return `context-${scenario.depth}-${scenario.requests}x${scenario.outputTokens}`
    case "soak":
      return `soak-${scenario.streams}-${promptsName(scenario.prompts)}-${scenario.seconds}sx${lengthName(scenario.outputTokens)}`
  }
}

/** A batch in a table: `100 × 32`, documents of a call by those of a forward pass. */
export const batchName = ({ batchSize, documents }: Batch): string => `${documents} × ${batchSize}`

/** The numbers by which scenarios of one kind and one set of prompts are put in order. */
export const scenarioOrder = (scenario: Scenario): ReadonlyArray<number> => {
  switch (scenario.kind) {
    case "latency":
      return [scenario.requests, scenario.outputTokens]
    case "batch":
      return [scenario.documents, scenario.batchSize]
    case "concurrency":
      return [scenario.streams, closedLoopRequests(scenario)]
    case "open-loop":
      return [scenario.rate, scenario.requests]
    case "context":
      return [scenario.depth, scenario.outputTokens]
    case "soak":
      return [scenario.streams, scenario.seconds]
  }
}

/** Whether many requests are under way at once: their figures are those of a load. */
export const isLoad = ({ kind }: Scenario): boolean => kind === "concurrency" || kind === "open-loop" || kind === "soak"

/** The task that a scenario asks for. */
export const scenarioTask = ({ kind }: { readonly kind: Scenario["kind"] }): "generate" | "embed" =>
  kind === "batch" ? "embed" : "generate"
