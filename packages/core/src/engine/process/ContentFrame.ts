import * as Predicate from "effect/Predicate"
import { Buffer } from "node:buffer"
import type { ByteText } from "./Sse.ts"

/**
 * What surrounds the text of an event. A server frames one token like the next, so an event with the same
 * frame is known without parsing it: it is the same JSON with another text.
 */
export interface ContentFrame {
  /** From the beginning of the event on. */
  readonly before: Buffer
  /** To its end, the empty line after it included. */
  readonly after: Buffer
  /** Whether the text is reasoning, not yet the answer. */
  readonly reasoning: boolean
}

const KEY = /"(?:content|text|reasoning_content|reasoning|thinking)": ?"/g

/**
 * The frame of a parsed event; `undefined` if its text can't be located with certainty.
 * The location is proven: with another text in its place, the parsed event has that other text.
 */
export const frameOf = (data: ByteText): ContentFrame | undefined => {
  for (const { 0: key, index } of data.matchAll(KEY)) {
    const start = index + key.length
    const end = data.indexOf('"', start)
    if (end === start || data.slice(start, end).includes("\\")) continue
    const [before, after] = [data.slice(0, start), data.slice(end)]
    const [one, other] = [PROBES[0], PROBES[1]].map((probe) => contentIn(`${before}${probe}${after}`))
    if (one?.content !== PROBES[0] || other?.content !== PROBES[1]) continue
    return {
      before: Buffer.from(`data: ${before}`, "latin1"),
      after: Buffer.from(`${after}\n\n`, "latin1"),
      reasoning: one.reasoning,
    }
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
 * Where the text of the event that begins at `start` ends: a text that is not empty and has no escapes. -1 if the
 * event does not have this frame, or is incomplete, and has to be parsed.
 */
export const textEnd = (bytes: Buffer, start: number, end: number, { after, before }: ContentFrame): number => {
  const from = start + before.length
  if (from >= end || before.compare(bytes, start, from) !== 0) return -1
  let at = from
  while (at < end && bytes[at] !== QUOTE) {
    if (bytes[at]! < SPACE || bytes[at] === BACKSLASH) return -1
    at++
  }
  const to = at + after.length
  return at === from || to > end || after.compare(bytes, at, to) !== 0 ? -1 : at
}

/* Bytes that end a JSON text, are special in it, or are not allowed in it: all below the space. */
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20

export interface Content {
  readonly content: string
  readonly reasoning: boolean
}

/**
 * New text of a choice: of a completion, or of a chat, where it may be reasoning. Everything a model writes consists of
 * tokens: an answer, thoughts under any of the names that servers have for them, the name and arguments of a tool call.
 */
export const contentOf = (choice: object): Content => {
  const { delta, message = delta, text } = choice as Readonly<Record<string, unknown>>
  if (typeof text === "string" && text !== "") return { content: text, reasoning: false }
  if (!Predicate.isObject(message)) return { content: "", reasoning: false }
  const said = message as Readonly<Record<string, unknown>>
  const { content } = said
  if (typeof content === "string" && content !== "" && !THOUGHTS.some((key) => said[key]))
    return { content, reasoning: false }
  const thinking = textOf(THOUGHTS.map((key) => said[key]).find((thought) => textOf(thought) !== ""))
  const answer = ANSWERS.map((key) => textOf(said[key])).join("")
  const onlyThoughts = Array.isArray(content) && content.length > 0 && content.every(isThought)
  return { content: thinking + answer, reasoning: answer === "" ? thinking !== "" : onlyThoughts }
}

/* Some servers send one thought under two of these names: the first that has text is used. */
const THOUGHTS = ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
const ANSWERS = ["content", "refusal", "tool_calls", "function_call"]

/** What of a part is text; its `type`, `id` and `index` are not. */
const WITHIN = ["text", "thinking", "summary", "content", "function", "name", "arguments"]

/** Text as it is, or in parts, or in the fields of a part. */
const textOf = (value: unknown): string => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map(textOf).join("")
  return Predicate.isObject(value)
    ? WITHIN.map((key) => textOf((value as Readonly<Record<string, unknown>>)[key])).join("")
    : ""
}

const isThought = (part: unknown): boolean => Predicate.hasProperty(part, "type") && part.type === "thinking"
