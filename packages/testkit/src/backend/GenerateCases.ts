import { Effect, Result, type Scope } from "effect"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import { ask, generateRequest, SHORT } from "./Ask.ts"
import { type Bench, once } from "./Bench.ts"
import type { Shared } from "./Shared.ts"

/** How many more times an answer is requested, to see it arrive in pieces. */
const TURNS = 20

/** What is observed of one answer, and of the same request sent again. */
export const generateCases = <R>(
  bench: Bench<R>,
  { opened, observed }: Shared<R>,
): ReadonlyArray<Case<R | Scope.Scope>> => {
  const again = Effect.gen(function* () {
    const subject = yield* bench.subject
    const { input, session } = yield* opened
    const answer = yield* ask(session, generateRequest(subject, input.model, SHORT), subject.limits.answerMs)
    if (Result.isSuccess(answer)) return answer.success
    return yield* violated(`The same request fails the second time: ${answer.failure.message}`)
  })
  const repeated = once(again)

  const chunksAddUp = Effect.gen(function* () {
    const { calls, completion } = yield* observed
    const chunks = calls.filter((call) => call !== "sent")
    yield* must(
      chunks.every((tokens) => Number.isInteger(tokens) && tokens > 0),
      `A chunk was reported with ${chunks.find((tokens) => !(Number.isInteger(tokens) && tokens > 0))} tokens: report only chunks that have tokens.`,
    )
    const { outputTokens } = completion
    if (outputTokens === undefined) return yield* notRun("the engine does not report the number of output tokens")
    const reported = chunks.reduce((sum, tokens) => sum + tokens, 0)
    yield* must(
      reported === outputTokens,
      `The chunks have ${reported} tokens, but the engine counts ${outputTokens}: call observer.chunk once for each piece, with its number of tokens.`,
    )
  })

  const asLongAsRequested = Effect.gen(function* () {
    const { calls, completion } = yield* observed
    const written =
      completion.outputTokens ?? calls.reduce<number>((sum, call) => sum + (call === "sent" ? 0 : call), 0)
    yield* must(
      written === SHORT,
      `${SHORT} tokens were requested and ${written} were generated: make the engine ignore end-of-text, so that all answers have the same length.`,
    )
    yield* must(
      completion.finish === undefined || completion.finish === "length",
      `An answer of the requested length ends with "${completion.finish}", but must end with "length".`,
    )
  })

  const countsThePrompt = Effect.gen(function* () {
    const { inputTokens } = (yield* observed).completion
    if (inputTokens === undefined) return yield* notRun("the engine does not report the number of input tokens")
    yield* must(
      Number.isInteger(inputTokens) && inputTokens > 0,
      `The engine counts ${inputTokens} tokens for a prompt that is not empty.`,
    )
  })

  const chunksAsTheyCome = Effect.gen(function* () {
    const inPieces = ({ calls, turns }: Effect.Success<typeof observed>): boolean => calls.length > 2 && turns > 1
    // A fast engine's answer may be read at once if this process was delayed, but hardly all answers.
    let found = inPieces(yield* observed) || inPieces(yield* repeated)
    for (let turn = 0; !found && turn < TURNS; turn++) found = inPieces(yield* again)
    yield* must(
      found,
      `All ${SHORT} tokens are reported at once: call observer.chunk when a piece arrives, or the time to first token is that of the complete answer.`,
    )
  })

  const sameAnswer = Effect.gen(function* () {
    const first = (yield* observed).completion.text
    const second = (yield* repeated).completion.text
    if (first === undefined || second === undefined) return yield* notRun("the backend does not return text")
    yield* must(
      first === second,
      `The same request is answered differently the second time: "${first.slice(0, 60)}", then "${second.slice(0, 60)}". Request greedy decoding (temperature 0).`,
    )
  })

  const nothingCached = Effect.gen(function* () {
    const { cachedTokens } = (yield* repeated).completion
    if (cachedTokens === undefined) return yield* notRun("the engine does not report what it found in a cache")
    yield* must(
      cachedTokens === 0,
      `The same request again finds ${cachedTokens} tokens in a cache: turn prompt caching off, or repeated trials measure the cache.`,
    )
  })

  return [
    { name: "chunks add up to what the engine counts", check: chunksAddUp },
    { name: "generates as many tokens as requested", check: asLongAsRequested },
    { name: "counts the prompt's tokens", check: countsThePrompt },
    { name: "reports chunks as they arrive", check: chunksAsTheyCome },
    { name: "gives the same answer to the same request", check: sameAnswer },
    { name: "finds nothing of an earlier request in a cache", check: nothingCached },
  ]
}
