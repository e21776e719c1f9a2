import * as Predicate from "effect/Predicate"
import type { ByteText } from "./Sse.ts"

/**
 * What stands around the text of an event. A server frames one token like the next, so an event with the same
 * frame is known without parsing it: it is the same JSON with another text.
 */
export interface ContentFrame {
  readonly before: ByteText
  readonly after: ByteText
  /** Whether the text is reasoning, not yet the answer. */
  readonly reasoning: boolean
}

const KEY = /"(?:content|text|reasoning_content|reasoning)": ?"/g

/**
 * The frame of an event that was parsed; `undefined` where its text can't be told from the rest with certainty.
 * That the right text was found is proven: with another in its place, the parsed event has that other.
 */
export const frameOf = (data: ByteText): ContentFrame | undefined => {
  for (const { 0: key, index } of data.matchAll(KEY)) {
    const start = index + key.length
    const end = data.indexOf('"', start)
    if (end === start || data.slice(start, end).includes("\\")) continue
    const [before, after] = [data.slice(0, start), data.slice(end)]
    const [one, other] = [PROBES[0], PROBES[1]].map((probe) => contentIn(`${before}${probe}${after}`))
    if (one?.content === PROBES[0] && other?.content === PROBES[1]) return { before, after, reasoning: one.reasoning }
  }
  return undefined
}

const PROBES = ["probe-1", "probe-2"] as const

const contentIn = (json: string): Content | undefined => {
  try {
    const event = JSON.parse(json) as { readonly choices?: ReadonlyArray<unknown> }
    const choice = event.choices?.[0]
    return Predicate.isObject(choice) ? contentOf(choice) : undefined
  } catch {
    return undefined
  }
}

/**
 * The text of an event in this frame, which is not empty; `undefined` when the event has to be parsed. Equality of
 * slices is a comparison of memory: `startsWith` and `endsWith` go by characters, and take as long as parsing.
 */
export const textIn = (data: ByteText, { after, before }: ContentFrame): ByteText | undefined => {
  const end = data.length - after.length
  if (end <= before.length || data.slice(0, before.length) !== before || data.slice(end) !== after) return undefined
  const text = data.slice(before.length, end)
  return SPECIAL.test(text) ? undefined : text
}

/** What ends a text of JSON, has a meaning of its own in it, or may not stand there. */
// oxlint-disable-next-line no-control-regex -- JSON forbids them
const SPECIAL = /["\\\x00-\x1f]/

export interface Content {
  readonly content: string
  readonly reasoning: boolean
}

/** New text of a choice: of a completion, or of a chat, where it may be reasoning (vLLM has called it both ways). */
export const contentOf = (choice: object): Content => {
  const { delta, text } = choice as { readonly delta?: unknown; readonly text?: unknown }
  if (typeof text === "string") return { content: text, reasoning: false }
  if (!Predicate.isObject(delta)) return { content: "", reasoning: false }
  const { content, reasoning, reasoning_content: thought = reasoning } = delta as Record<string, unknown>
  const [thinking, answer] = [thought, content].map((part) => (typeof part === "string" ? part : ""))
  return { content: thinking! + answer!, reasoning: answer === "" && thinking !== "" }
}
