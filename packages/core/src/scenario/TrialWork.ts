import { textSha256 } from "../TextHash.ts"
import { arrivalTimes } from "./Arrivals.ts"
import { drawLength } from "./Length.ts"
import type { Load } from "./Load.ts"
import type { Concurrency, OpenLoop, Soak, Trace } from "./LoadScenario.ts"
import type { PlannedRequest } from "./PlannedRequest.ts"
import type { PromptSet } from "./PromptSet.ts"
import type { Prompt } from "./Request.ts"
import type { Retry } from "./Retry.ts"
import { closedLoopRequests, type Scenario } from "./Scenario.ts"
import { seeded } from "./Seeded.ts"
import type { Slo } from "./Slo.ts"
import { syntheticText } from "./SyntheticText.ts"
import { BLOCK_TOKENS, type TraceRequest } from "./Trace.ts"

/** What one trial of a scenario sends, and how. */
export interface TrialWork {
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly load?: Load
  readonly slo?: Slo
  readonly retry?: Retry
}

/**
 * The work of one trial. Every trial asks for the same lengths at the same times; `round` names the trial, so that
 * fresh prompts are fresh in each. A set that is too short starts over.
 */
export const trialWork = (scenario: Scenario, { prompts, trace = [] }: PromptSet, round: string): TrialWork => {
  const at = (index: number): Prompt => prompts[index % prompts.length]!
  switch (scenario.kind) {
    case "latency":
      return {
        requests: Array.from({ length: scenario.requests }, (_, index) => ({
          prompt: index % prompts.length,
          request: {
            task: "generate",
            prompt: scenario.cache === "fresh" ? marked(at(index), `${round} ${index}`) : at(index),
            outputTokens: scenario.outputTokens,
          },
        })),
      }
    case "batch":
      return {
        requests: [
          {
            prompt: 0,
            request: {
              task: "embed",
              texts: Array.from({ length: scenario.documents }, (_, index) =>
                textOf(scenario.cache === "fresh" ? marked(at(index), `${round} ${index}`) : at(index)),
              ),
              batchSize: scenario.batchSize,
            },
          },
        ],
      }
    case "context":
      return {
        requests: Array.from({ length: scenario.requests }, (_, index) => ({
          prompt: index,
          request: {
            task: "generate",
            prompt: { text: syntheticText(scenario.depth, seeded(`${scenario.seed} ${round} ${index}`)) },
            outputTokens: scenario.outputTokens,
          },
        })),
      }
    case "concurrency": {
      const length = closedLoopRequests(scenario)
      return {
        requests: Array.from({ length }, (_, index) => loadRequest(scenario, prompts, round, index)),
        load: { kind: "streams", streams: scenario.streams },
        ...asides(scenario),
      }
    }
    case "soak":
      return {
        requests: [],
        load: {
          kind: "soak",
          streams: scenario.streams,
          durationMs: scenario.seconds * 1000,
          at: (index) => loadRequest(scenario, prompts, round, index),
        },
        ...asides(scenario),
      }
    case "open-loop": {
      const times = arrivalTimes(
        scenario.arrivals,
        scenario.rate,
        scenario.requests,
        seeded(`${scenario.seed} arrivals`),
      )
      return {
        requests: times.map((atMs, index) => ({ ...loadRequest(scenario, prompts, round, index), atMs })),
        load: { kind: "arrivals" },
        ...asides(scenario),
      }
    }
    case "trace":
      return {
        requests: tracedRequests(scenario, trace).map((traced, index) => ({
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
      }
  }
}

const asides = ({ retry, slo }: Concurrency | OpenLoop | Soak | Trace) => ({
  ...(slo === undefined ? {} : { slo }),
  ...(retry === undefined ? {} : { retry }),
})

/** The requests of a trace that a trial sends, the first of them at once. */
export const tracedRequests = (
  { longest = Infinity, requests }: Trace,
  trace: ReadonlyArray<TraceRequest>,
): ReadonlyArray<TraceRequest> => {
  const taken = trace
    .filter(({ inputTokens, outputTokens }) => inputTokens + outputTokens <= longest)
    .slice(0, requests)
  return taken.map((request) => ({ ...request, atMs: request.atMs - taken[0]!.atMs }))
}

/** Fresh, or as the trace has it: with `repeated`, blocks that it calls by one number have one text. */
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

/** The request at this place of a load: of one length in every trial, of a text that depends on `cache`. */
const loadRequest = (
  { cache, outputTokens, prompts: asked, seed }: Concurrency | OpenLoop | Soak,
  prompts: ReadonlyArray<Prompt>,
  round: string,
  index: number,
): PlannedRequest => {
  const lengths = seeded(`${seed} lengths ${index}`)
  const text = `${seed} text ${cache === "fresh" ? round : ""} ${index}`
  const tokens = drawLength(outputTokens, lengths)
  if (typeof asked === "string" || "file" in asked) {
    const prompt = prompts[index % prompts.length]!
    const told = cache === "fresh" ? marked(prompt, text) : prompt
    return { prompt: index % prompts.length, request: { task: "generate", prompt: told, outputTokens: tokens } }
  }
  const prompt = { text: syntheticText(drawLength(asked.tokens, lengths), seeded(text)) }
  return { prompt: index, request: { task: "generate", prompt, outputTokens: tokens } }
}

/** A mark at the very beginning, made of `what`, makes all that follows new to a prefix cache. */
const marked = (prompt: Prompt, what: string): Prompt => {
  const mark = textSha256(what).slice(0, 8)
  return "text" in prompt
    ? { text: `${mark} ${prompt.text}` }
    : {
        messages: prompt.messages.map((message, index) =>
          index === 0 ? { ...message, content: `${mark} ${message.content}` } : message,
        ),
      }
}

const textOf = (prompt: Prompt): string =>
  "text" in prompt ? prompt.text : prompt.messages.map(({ content }) => content).join("\n")
