import { Effect, Schema } from "effect"
import { drawLength, Length, meanLength, Natural, outputLength } from "../Length.ts"
import { marked } from "../Marked.ts"
import type { PlannedRequest } from "../PlannedRequest.ts"
import { CacheUse, LoadPrompts, type Prompts } from "../Prompts.ts"
import type { Prompt } from "../Request.ts"
import { Retry } from "../Retry.ts"
import { seeded } from "../Seeded.ts"
import { Slo } from "../Slo.ts"
import { syntheticText, tooMuchText } from "../SyntheticText.ts"
import type { TrialWork } from "../TrialWork.ts"

const orDefault = <A>(value: A) => Effect.succeed(value)

/** What every load has. */
export const always = {
  /** `fresh`: each prompt begins differently from all others of the run. */
  cache: CacheUse.pipe(Schema.withDecodingDefaultKey(orDefault("fresh" as const))),
  /** Seed of everything drawn: lengths, texts, arrivals. Every trial draws the same lengths and arrivals. */
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
  slo: Schema.optionalKey(Slo),
  /** Retry if the server is overloaded (HTTP 429). By default that is a failure like any other. */
  retry: Schema.optionalKey(Retry),
}

/** Fields of loads with their own prompts and lengths. */
export const requested = {
  prompts: LoadPrompts,
  /** Tokens that each request has to produce. */
  outputTokens: Schema.Union([Length, Natural]).pipe(Schema.withDecodingDefaultKey(orDefault(128))),
  ...always,
}

const Requested = Schema.Struct(requested)

/** The set or file of a load; `undefined` if it generates its texts. */
export const withPrompts = (prompts: LoadPrompts): Prompts | undefined =>
  typeof prompts === "object" && "tokens" in prompts ? undefined : prompts

/** Why the texts of so many requests can't be generated; `undefined` if they can, or come from a set or file. */
export const unfitTexts = ({ prompts }: { readonly prompts: LoadPrompts }, requests: number) =>
  typeof prompts === "object" && "tokens" in prompts ? tooMuchText(requests * meanLength(prompts.tokens)) : undefined

/** A trial's objectives and retries. */
export const asides = ({
  retry,
  slo,
}: Pick<typeof Requested.Type, "retry" | "slo">): Pick<TrialWork, "retry" | "slo"> => ({
  ...(slo === undefined ? {} : { slo }),
  ...(retry === undefined ? {} : { retry }),
})

/** The request with this number in a load: its length is the same in every trial, its text depends on `cache`. */
export const loadRequest = (
  { cache, outputTokens, prompts: from, seed }: typeof Requested.Type,
  prompts: ReadonlyArray<Prompt>,
  round: string,
  index: number,
): PlannedRequest => {
  const lengths = seeded(`${seed} lengths ${index}`)
  const text = `${seed} text ${cache === "fresh" ? round : ""} ${index}`
  const length = outputLength(outputTokens, lengths)
  if (typeof from === "string" || "file" in from) {
    const prompt = prompts[index % prompts.length]!
    const sent = cache === "fresh" ? marked(prompt, text) : prompt
    return { prompt: index % prompts.length, request: { task: "generate", prompt: sent, ...length } }
  }
  const prompt = { text: syntheticText(drawLength(from.tokens, lengths), seeded(text)) }
  return { prompt: index, request: { task: "generate", prompt, ...length } }
}
