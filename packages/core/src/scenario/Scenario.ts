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
  Trace,
} from "./LoadScenario.ts"
import { CacheUse, type LoadPrompts, Prompts } from "./Prompts.ts"
import { CountRamp, type Ramp, rampRungs } from "./Ramp.ts"

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** One stream at a time: how long a person waits, and how fast the answer is written. */
export const Latency = Schema.Struct({
  kind: Schema.Literal("latency"),
  prompts: Prompts,
  /** Requests of one trial: the first so many prompts of the set, one after the other. */
  requests: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(2))),
  /** Tokens that each request has to produce. */
  outputTokens: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(128))),
  /** Left out, each trial asks the set as it is, of engines that keep no cache; `fresh` is for those that do. */
  cache: Schema.optionalKey(CacheUse),
}).annotate({ identifier: "Latency" })
export type Latency = typeof Latency.Type

/** Documents turned into vectors, so many a call and so many a forward pass. */
export const Batch = Schema.Struct({
  kind: Schema.Literal("batch"),
  prompts: Prompts,
  /** Documents of one call; the set is repeated when it is shorter. */
  documents: PositiveInt,
  /** Documents of one forward pass. */
  batchSize: PositiveInt,
  /**
   * Left out, each trial sends the set as it is, to engines that keep no vectors; `fresh` is for servers that do: a
   * mark at its beginning, some tokens long, makes each document of each trial new.
   */
  cache: Schema.optionalKey(CacheUse),
}).annotate({ identifier: "Batch" })
export type Batch = typeof Batch.Type

/** What is asked of a model in a cell: `rate` is in requests a second, `depth` in tokens. */
export const Scenario = Schema.Union([Latency, Batch, Concurrency, OpenLoop, Trace, Context, Soak])
export type Scenario = typeof Scenario.Type

const BatchLadder = Schema.Struct({
  ...Batch.fields,
  /** Documents of one forward pass: one number, a list of them, or a ramp. */
  batchSize: Schema.Union([PositiveInt, Schema.NonEmptyArray(PositiveInt), CountRamp]),
})

/** What a config asks for: one scenario, or a ladder of them where a list stands for one number. */
export const ScenarioLadder = Schema.Union([
  Latency,
  BatchLadder,
  ConcurrencyLadder,
  OpenLoopLadder,
  Trace,
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
    case "trace":
      return [ladder]
    case "batch":
      return loadsOf(ladder.batchSize, true).map((batchSize) => ({ ...ladder, batchSize }))
    case "concurrency":
      return loadsOf(ladder.streams, true).map((streams) => ({ ...ladder, streams }))
    case "open-loop":
      return loadsOf(ladder.rate, false).map((rate) => ({ ...ladder, rate }))
    case "context":
      return [ladder.depth ?? DEPTHS.filter((depth) => depth + ladder.outputTokens <= contextLength)]
        .flat()
        .map((depth) => ({ ...ladder, depth }))
  }
}

const loadsOf = (asked: number | ReadonlyArray<number> | Ramp, whole: boolean): ReadonlyArray<number> =>
  typeof asked === "number" ? [asked] : "from" in asked ? rampRungs(asked, whole) : asked

/** The ramp that a ladder is; `undefined` for one whose rungs are all run. */
export const rampOf = (ladder: ScenarioLadder): Ramp | undefined => {
  const asked =
    ladder.kind === "concurrency"
      ? ladder.streams
      : ladder.kind === "open-loop"
        ? ladder.rate
        : ladder.kind === "batch"
          ? ladder.batchSize
          : 0
  return typeof asked === "object" && "from" in asked ? asked : undefined
}

/** The number that is raised from rung to rung: streams, requests a second, or documents of a forward pass. */
export const loadOf = (scenario: Scenario): number | undefined =>
  scenario.kind === "concurrency"
    ? scenario.streams
    : scenario.kind === "open-loop"
      ? scenario.rate
      : scenario.kind === "batch"
        ? scenario.batchSize
        : undefined

/** Where a scenario's prompts come from; `undefined` when it makes them up. */
export const promptsOf = (scenario: ScenarioLadder): Prompts | { readonly trace: string } | undefined => {
  if (scenario.kind === "context") return undefined
  if (scenario.kind === "trace") return { trace: scenario.file }
  return typeof scenario.prompts === "object" && "tokens" in scenario.prompts ? undefined : scenario.prompts
}

/** Whether a scenario asks the same prompts again and again, for a cache to find. */
export const asksAgain = (scenario: Scenario): boolean => "cache" in scenario && scenario.cache === "repeated"

/** Requests of one trial of a closed loop. */
export const closedLoopRequests = ({ requests, streams }: Concurrency): number => requests ?? 4 * streams

const promptsName = (prompts: LoadPrompts): string =>
  typeof prompts === "string"
    ? prompts
    : "file" in prompts
      ? fileName(prompts.file)
      : `${lengthName(prompts.tokens)}-tokens`

/** Of a path its last part, without its ending. */
const fileName = (path: string): string => path.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "")

/** Short name of a scenario, used in tables and record ids, such as `latency-short-chat-2x128`. */
export const scenarioName = (scenario: Scenario): string => {
  switch (scenario.kind) {
    case "latency":
      return `latency-${promptsName(scenario.prompts)}-${scenario.requests}x${scenario.outputTokens}`
    case "batch":
      return `batch-${promptsName(scenario.prompts)}-${scenario.documents}x${scenario.batchSize}`
    case "concurrency":
      return `concurrency-${scenario.streams}-${promptsName(scenario.prompts)}-${closedLoopRequests(scenario)}x${lengthName(scenario.outputTokens)}`
    case "open-loop":
      return `open-loop-${scenario.arrivals}-${scenario.rate}-${promptsName(scenario.prompts)}-${scenario.requests}x${lengthName(scenario.outputTokens)}`
    case "trace":
      return `trace-${fileName(scenario.file)}-${scenario.requests}${scenario.speed === 1 ? "" : `-at-${scenario.speed}`}`
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
    case "trace":
      return [scenario.speed, scenario.requests]
    case "context":
      return [scenario.depth, scenario.outputTokens]
    case "soak":
      return [scenario.streams, scenario.seconds]
  }
}

/** Whether many requests are under way at once: their figures are those of a load. */
export const isLoad = ({ kind }: Scenario): boolean =>
  kind === "concurrency" || kind === "open-loop" || kind === "trace" || kind === "soak"

/** The task that a scenario asks for. */
export const scenarioTask = ({ kind }: { readonly kind: Scenario["kind"] }): "generate" | "embed" =>
  kind === "batch" ? "embed" : "generate"
