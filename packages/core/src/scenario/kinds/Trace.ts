import { Effect, Schema } from "effect"
import { Amount, Tokens } from "../Amounts.ts"
import { fileName, WorkspaceFile } from "../Prompts.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { seeded } from "../Seeded.ts"
import { syntheticText, tooMuchText } from "../SyntheticText.ts"
import { BLOCK_TOKENS, type TraceRequest } from "../Trace.ts"
import { always, asides } from "./Loads.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/**
 * Requests as a service once received them: its arrivals and lengths, from a file in a public trace format; see
 * `parseTrace`.
 */
export const Trace = Schema.Struct({
  kind: Schema.Literal("trace"),
  file: WorkspaceFile,
  /** Requests of one trial: the first of the file. */
  requests: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
  /** Speed relative to the trace: with 2 they arrive in half the time. */
  speed: Positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  /** Requests with more tokens, input and output together, are left out. */
  longest: Schema.optionalKey(Tokens),
  ...always,
}).annotate({ identifier: "Trace" })
export type Trace = typeof Trace.Type

export const trace: ScenarioKind<Trace> = {
  task: "generate",
  load: true,
  rungs: (scenario) => [scenario],
  prompts: ({ file }) => ({ trace: file }),
  unfit: (scenario, { trace: requests = [] }) => {
    const traced = tracedRequests(scenario, requests)
    return traced.length > 0
      ? tooMuchText(traced.reduce((sum, { inputTokens }) => sum + inputTokens, 0))
      : { field: "longest", detail: `no request of ${scenario.file} has ${scenario.longest} tokens or less` }
  },
  name: ({ file, requests, speed }) => `trace-${fileName(file)}-${requests}${speed === 1 ? "" : `-at-${speed}`}`,
  order: ({ requests, speed }) => [speed, requests],
  work: (scenario, { trace: requests = [] }, round) => ({
    requests: tracedRequests(scenario, requests).map((traced, index) => ({
      prompt: index,
      request: {
        task: "generate",
        prompt: { text: tracedText(scenario, traced, round, index) },
        outputTokens: traced.outputTokens,
      },
      atMs: Math.round(traced.atMs / scenario.speed),
    })),
    load: { kind: "arrivals" },
    ...asides(scenario),
  }),
}

/** The requests of a trace that a trial sends, the first of them at once. */
const tracedRequests = (
  { longest = Infinity, requests }: Trace,
  all: ReadonlyArray<TraceRequest>,
): ReadonlyArray<TraceRequest> => {
  const taken = all.filter(({ inputTokens, outputTokens }) => inputTokens + outputTokens <= longest).slice(0, requests)
  return taken.map((request) => ({ ...request, atMs: request.atMs - taken[0]!.atMs }))
}

/** Fresh, or as in the trace: with `repeated`, blocks with the same number have the same text. */
const tracedText = (
  { cache, seed }: Trace,
  { blocks, inputTokens }: TraceRequest,
  round: string,
  index: number,
): string => {
  if (cache === "fresh" || blocks === undefined)
    return syntheticText(inputTokens, seeded(`${seed} text ${cache === "fresh" ? round : ""} ${index}`))
  const texts = blocks.slice(0, Math.ceil(inputTokens / BLOCK_TOKENS)).map((block, place) => {
    const left = inputTokens - place * BLOCK_TOKENS
    return syntheticText(Math.min(BLOCK_TOKENS, left), seeded(`${seed} block ${block}`))
  })
  const rest = inputTokens - blocks.length * BLOCK_TOKENS
  return [...texts, ...(rest > 0 ? [syntheticText(rest, seeded(`${seed} rest ${index}`))] : [])].join(" ")
}
