import * as Predicate from "effect/Predicate" // alone: this runs in a thread that loads no more of effect
import { Buffer, isUtf8 } from "node:buffer"
import type { RequestFailureKind } from "../../runtime/FailureKind.ts"
import type { Completion } from "../../scenario/Request.ts"
import { type Content, type ContentFrame, contentOf, frameOf, textEnd } from "./ContentFrame.ts"
import { type ByteText, makeSseParser } from "./Sse.ts"
import { makeTextBytes } from "./TextBytes.ts"

/** What a streamed completion ended with; `last` holds the server's own fields beside the standard ones. */
export interface StreamedCompletion {
  readonly completion: Completion
  /** The merged top-level fields of all events but `choices`, such as llama.cpp's `timings`. */
  readonly last: Readonly<Record<string, unknown>>
}

/** Why a stream that ended without a transport error is not a complete answer. */
export interface BadStream {
  readonly kind: RequestFailureKind
  readonly detail: string
}

export interface CompletionReader {
  /** `first`: nothing arrived before these bytes in one read of their connection. */
  readonly read: (bytes: Buffer, start?: number, end?: number, first?: boolean) => void
  /** Whether `[DONE]` has come: nothing follows that is read. */
  readonly done: () => boolean
  readonly end: () => StreamedCompletion | BadStream
}

/** The receiver of tokens. `first`: they are of the first event in one read of their connection. */
export interface TokenObserver {
  readonly chunk: (tokens: number, reasoning: boolean, first: boolean) => void
}

/**
 * Reads the events of one streamed completion. Plain callbacks: this is the hot path. An event with the same frame as
 * the one before, which differs only in its text, is not parsed again. A piece of text is one token, unless the
 * server counts them as they are sent (vLLM's `continuous_usage_stats`): then its count is used, since a slow reader is
 * sent several at once, and a token that is half a character is sent without text. A count that does not rise with
 * each text is not of this kind; an event without text that ends the choice has no token.
 */
export const makeCompletionReader = (observer: TokenObserver): CompletionReader => {
  const last: Record<string, unknown> = {}
  let usage: unknown
  let frame: ContentFrame | undefined
  let counted = 0
  let texts = 0
  let reported = 0
  let falls = false
  let withText = false
  let text = ""
  let thoughtUntil = 0
  const undecoded = makeTextBytes()
  let finish: Completion["finish"]
  let done = false
  let bad: BadStream | undefined
  let first = false
  const tokens = (fresh: number, reasoning: boolean): void => {
    if (fresh <= 0) return
    counted += fresh
    observer.chunk(fresh, reasoning, first)
  }
  const decode = (): void => {
    const taken = undecoded.take()
    if (taken === undefined) bad ??= BAD_UTF8
    if (taken === undefined || taken === "") return
    text += taken
    if (frame?.reasoning === true) thoughtUntil = text.length
  }
  const parsed = (event: object, data: ByteText): void => {
    if ("error" in event && event.error !== null && event.error !== undefined)
      bad ??= { kind: "error-event", detail: `sent an error: ${JSON.stringify(event.error)}` }
    const { choices, ...rest } = event as Record<string, unknown>
    Object.assign(last, rest)
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
    const { content, reasoning } = Predicate.isObject(choice) ? contentOf(choice) : NO_CONTENT
    if (Predicate.isObject(rest["usage"])) {
      usage = rest["usage"]
      withText = content !== ""
    }
    if (!Predicate.isObject(choice)) return
    if (content !== "") {
      decode()
      text += content
      if (reasoning) thoughtUntil = text.length
    }
    const total = tokensSoFar(rest["usage"])
    const reason = (choice as Record<string, unknown>)["finish_reason"]
    if (content !== "") {
      texts++
      const rises = total !== undefined && total > counted
      if (rises) reported++
      else if (total !== undefined && total > 0) falls = true
      tokens(rises ? total - counted : 1, reasoning)
    } else if (
      total !== undefined &&
      counted > 0 &&
      reported === texts &&
      finish === undefined &&
      typeof reason !== "string"
    )
      tokens(total - counted, reasoning)
    if (typeof reason === "string") finish = reason === "length" || reason === "stop" ? reason : "other"
    else if (content !== "" && total === undefined && bad === undefined) frame = frameOf(data)
  }
  const event = (data: ByteText): void => {
    if (data === "[DONE]") {
      done = true
      return
    }
    const decoded = utf8(data)
    if (decoded === undefined) {
      bad ??= BAD_UTF8
      return
    }
    try {
      const value = JSON.parse(decoded) as unknown
      if (Predicate.isObject(value)) parsed(value, data)
    } catch {
      bad ??= { kind: "malformed", detail: `sent an event that is not JSON: ${decoded.slice(0, 200)}` }
    }
  }
  const sse = makeSseParser((data) => {
    event(data)
    first = false
  })
  const read = (bytes: Buffer, start = 0, end = bytes.length, firstInRead = false): void => {
    let at = start
    first = firstInRead
    while (frame !== undefined && at < end && sse.between()) {
      const stop = textEnd(bytes, at, end, frame)
      if (stop === -1) break
      undecoded.add(bytes, at + frame.before.length, stop)
      texts++
      tokens(1, frame.reasoning)
      first = false
      at = stop + frame.after.length
    }
    if (at < end) sse.read(bytes, at, end)
  }
  return {
    read,
    done: () => done,
    end: () => {
      decode()
      if (bad !== undefined) return bad
      if (!done) return finish === undefined ? TRUNCATED : NO_DONE
      if (counted === 0 && finish === undefined) return EMPTY
      const completion = {
        text,
        ...(thoughtUntil === 0 ? {} : { reasoningLength: thoughtUntil }),
        ...(reported === 0 ? {} : { countsChunks: reported === texts }),
        ...(finish === undefined ? {} : { finish }),
        ...usageOf(usage, counted, falls && withText),
      }
      return { completion, last }
    },
  }
}

const NO_CONTENT: Content = { content: "", reasoning: false }

const BAD_UTF8: BadStream = { kind: "bad-utf8", detail: "sent text that is not UTF-8" }
const TRUNCATED: BadStream = { kind: "truncated", detail: "broke off before its end" }
const NO_DONE: BadStream = { kind: "no-done", detail: "ended without [DONE]" }
const EMPTY: BadStream = { kind: "empty", detail: "ended without a token" }

/** `undefined` for what is not UTF-8. */
const utf8 = (bytes: ByteText): string | undefined => {
  // oxlint-disable-next-line no-control-regex -- ASCII is the same in both
  if (/^[\x00-\x7f]*$/.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, "latin1")
  return isUtf8(buffer) ? buffer.toString("utf8") : undefined
}

const tokensSoFar = (usage: unknown): number | undefined => {
  const tokens = Predicate.hasProperty(usage, "completion_tokens") ? usage.completion_tokens : undefined
  return isCount(tokens) ? tokens : undefined
}

/**
 * What a server reports of tokens: the counts of OpenAI's `usage`, each if it is plausible. Many send
 * zeros if they count nothing: but no prompt and no text has zero tokens. `ofOneText`: each text came
 * with its own count, so that the last is not the total.
 */
const usageOf = (
  usage: unknown,
  observed: number,
  ofOneText: boolean,
): Pick<Completion, "inputTokens" | "outputTokens" | "cachedTokens"> => {
  if (!Predicate.isObject(usage)) return {}
  const {
    completion_tokens: output,
    prompt_tokens: input,
    prompt_tokens_details: details,
  } = usage as Record<string, unknown>
  const cached = Predicate.hasProperty(details, "cached_tokens") ? details.cached_tokens : undefined
  return {
    ...(isCount(input) && input > 0 ? { inputTokens: input } : {}),
    ...(isCount(output) && !ofOneText && (output > 0 || observed === 0) ? { outputTokens: output } : {}),
    ...(isCount(cached) ? { cachedTokens: cached } : {}),
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
