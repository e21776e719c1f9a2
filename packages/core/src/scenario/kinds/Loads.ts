import { Effect, Schema } from "effect"
import { drawLength, Length } from "../Length.ts"
import { marked } from "../Marked.ts"
import type { PlannedRequest } from "../PlannedRequest.ts"
import { CacheUse, LoadPrompts, type Prompts } from "../Prompts.ts"
import type { Prompt } from "../Request.ts"
import { Retry } from "../Retry.ts"
import { seeded } from "../Seeded.ts"
import { Slo } from "../Slo.ts"
import { syntheticText } from "../SyntheticText.ts"
import type { TrialWork } from "../TrialWork.ts"

const orDefault = <A>(value: A) => Effect.succeed(value)

/** What every load has. */
export const always = {
  /** `fresh`: each prompt begins as no other of the run. */
  cache: CacheUse.pipe(Schema.withDecodingDefaultKey(orDefault("fresh" as const))),
  /** Of all that is drawn: lengths, texts, arrivals. Every trial draws the same lengths and arrivals. */
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
  slo: Schema.optionalKey(Slo),
  /** Ask again where the server has too much to do (HTTP 429). Left out, that is a failure like any other. */
  retry: Schema.optionalKey(Retry),
}

/** What a load has that asks for prompts and lengths of its own. */
export const asked = {
  prompts: LoadPrompts,
  /** Tokens that each request has to produce. */
  outputTokens: Length.pipe(Schema.withDecodingDefaultKey(orDefault(128))),
  ...always,
}

const Asked = Schema.Struct(asked)

/** The set or file that a load asks for; `undefined` where it makes its texts up. */
export const withPrompts = (prompts: LoadPrompts): Prompts | undefined =>
  typeof prompts === "object" && "tokens" in prompts ? undefined : prompts

/** What a trial's work says of objectives and retries. */
export const asides = ({ retry, slo }: Pick<typeof Asked.Type, "retry" | "slo">): Pick<TrialWork, "retry" | "slo"> => ({
  ...(slo === undefined ? {} : { slo }),
  ...(retry === undefined ? {} : { retry }),
})

/** The request at this place of a load: of one length in every trial, of a text that depends on `cache`. */
export const loadRequest = (
  { cache, outputTokens, prompts: from, seed }: typeof Asked.Type,
  prompts: ReadonlyArray<Prompt>,
  round: string,
  index: number,
): PlannedRequest => {
  const lengths = seeded(`${seed} lengths ${index}`)
  const text = `${seed} text ${cache === "fresh" ? round : ""} ${index}`
  const tokens = drawLength(outputTokens, lengths)
  if (typeof from === "string" || "file" in from) {
    const prompt = prompts[index % prompts.length]!
    const sent = cache === "fresh" ? marked(prompt, text) : prompt
    return { prompt: index % prompts.length, request: { task: "generate", prompt: sent, outputTokens: tokens } }
  }
  const prompt = { text: syntheticText(drawLength(from.tokens, lengths), seeded(text)) }
  return { prompt: index, request: { task: "generate", prompt, outputTokens: tokens } }
}
