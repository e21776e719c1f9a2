import { Effect, Schema } from "effect"
import { Amount } from "../Amounts.ts"
import { DatasetSource } from "../Dataset.ts"
import { fileName } from "../Prompts.ts"
import { type Divergence, divergenceName, divergenceWork } from "./Divergence.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { score } from "../Score.ts"
import { contentOf, REPLY_TOKENS, type TaskQuality, tasksWork } from "./Tasks.ts"
import { tokensIn } from "../TrialTokens.ts"

/** How good vectors are: compared with what people say of the same texts. No figure of it is a time. */
export const VectorQuality = Schema.Struct({
  kind: Schema.Literal("quality"),
  measure: Schema.Literals(["retrieval", "sts"]),
  dataset: DatasetSource,
  /** Put before each query, and before both sentences of a pair: what the model was trained with, such as `query: `. */
  queryPrefix: Schema.optionalKey(Schema.NonEmptyString),
  /** Put before each document, such as `passage: `. */
  documentPrefix: Schema.optionalKey(Schema.NonEmptyString),
  /** Texts of one forward pass; texts beside it may change the rounding of a vector. */
  batchSize: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
}).annotate({ identifier: "VectorQuality" })

/** How good answers are, by vectors, by predictions or by replies to questions. */
export type Quality = typeof VectorQuality.Type | Divergence | TaskQuality

/** What distinguishes scenarios of one dataset; of a prefix its first word, since it may be a whole instruction. */
const variantOf = (scenario: Exclude<Quality, Divergence>): ReadonlyArray<string> => {
  if (scenario.measure === "tasks") return unless(scenario.outputTokens, REPLY_TOKENS)
  const { batchSize, documentPrefix = "", queryPrefix = "" } = scenario
  const words = [queryPrefix, documentPrefix].flatMap((prefix) => prefix.match(/[\p{L}\p{N}]{1,12}/u) ?? [])
  return [...words.map((word) => word.toLowerCase()), ...unless(batchSize, 1)]
}
const unless = (count: number, usual: number): ReadonlyArray<string> => (count === usual ? [] : [`x${count}`])

/** Texts of one request: the vectors of a whole dataset are too much for one answer. */
const PER_REQUEST = 64

export const quality: ScenarioKind<Quality> = {
  task: "embed",
  taskOf: ({ measure }) => (measure === "kld" || measure === "tasks" ? "generate" : "embed"),
  load: false,
  // Nothing is timed. The second trial shows that the first can be repeated; for kld, the null test does.
  repetition: ({ measure }) => ({ warmup: 0, trials: measure === "kld" ? 1 : 2 }),
  reference: (scenario) => (scenario.measure === "kld" ? scenario.reference : undefined),
  rungs: (scenario) => [scenario],
  prompts: (scenario) =>
    scenario.measure === "kld" ? scenario.prompts : { dataset: scenario.dataset, measure: scenario.measure },
  unfit: (scenario, { dataset }) => {
    if (scenario.measure === "kld" || scenario.measure === "tasks") return undefined
    const { documentPrefix, measure } = scenario
    if (measure === "sts" && documentPrefix !== undefined)
      return { field: "documentPrefix", detail: "pairs have no documents: queryPrefix goes before both sentences" }
    if (dataset?.measure === "retrieval" && dataset.documents.length < 2)
      return { field: "dataset", detail: "with a single document nothing can be ranked" }
    if (dataset?.measure === "sts" && new Set(dataset.scores).size < 2)
      return { field: "dataset", detail: "all pairs have one and the same score: no difference can show" }
    return undefined
  },
  name: (scenario) => {
    if (scenario.measure === "kld") return divergenceName(scenario)
    const { dataset, measure } = scenario
    const name = typeof dataset === "string" ? dataset : fileName(dataset.file)
    return ["quality", measure, name, ...variantOf(scenario)].join("-")
  },
  order: (scenario) => {
    if (scenario.measure === "kld") return [scenario.context, scenario.chunks]
    return [scenario.measure === "tasks" ? scenario.outputTokens : scenario.batchSize]
  },
  work: (scenario, set) => {
    if (scenario.measure === "kld") return divergenceWork(scenario, set)
    const { dataset } = set
    if (scenario.measure === "tasks")
      return dataset?.measure === "tasks" ? tasksWork(scenario, dataset) : { requests: [] }
    if (dataset === undefined || dataset.measure === "tasks") return { requests: [] }
    const { batchSize, documentPrefix = "", queryPrefix = "" } = scenario
    const texts =
      dataset.measure === "retrieval"
        ? [...dataset.queries.map((text) => queryPrefix + text), ...dataset.documents.map((t) => documentPrefix + t)]
        : [0, 1].flatMap((side) => dataset.pairs.map((pair) => queryPrefix + pair[side]!))
    const starts = Array.from({ length: Math.ceil(texts.length / PER_REQUEST) }, (_, call) => call * PER_REQUEST)
    return {
      requests: starts.map((start) => ({
        prompt: start,
        request: { task: "embed", texts: texts.slice(start, start + PER_REQUEST), batchSize, returnVectors: true },
      })),
      score: (completions) => score(dataset, completions),
    }
  },
  tokens: (scenario, { dataset }) => {
    if (scenario.measure === "kld") return { read: scenario.chunks * scenario.context, written: 0 }
    if (dataset === undefined) return { read: 0, written: 0 }
    if (dataset.measure === "retrieval")
      return { read: tokensIn(dataset.queries) + tokensIn(dataset.documents), written: 0 }
    if (dataset.measure === "sts") return { read: tokensIn(dataset.pairs.flat()), written: 0 }
    const { outputTokens } = scenario.measure === "tasks" ? scenario : { outputTokens: 0 }
    return { read: tokensIn(dataset.questions.map(contentOf)), written: dataset.questions.length * outputTokens }
  },
}
