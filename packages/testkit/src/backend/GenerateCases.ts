import { Effect, Result, type Scope } from "effect"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import { ask, generateRequest, SHORT } from "./Ask.ts"
import { type Bench, once } from "./Bench.ts"
import type { Shared } from "./Shared.ts"

/** How often more an answer is asked for, to see it come in pieces. */
const TURNS = 20

/** What is seen of one answer, and of the same question asked once more. */
export const generateCases = <R>(
  bench: Bench<R>,
  { opened, seen }: Shared<R>,
): ReadonlyArray<Case<R | Scope.Scope>> => {
  const again = Effect.gen(function* () {
    const subject = yield* bench.subject
    const { input, session } = yield* opened
    const answer = yield* ask(session, generateRequest(subject, input.model, SHORT), subject.limits.answerMs)
    if (Result.isSuccess(answer)) return answer.success
    return yield* violated(`The same question fails the second time: ${answer.failure.message}`)
  })
  const repeated = once(again)

  const chunksAddUp = Effect.gen(function* () {
    const { calls, completion } = yield* seen
    const chunks = calls.filter((call) => call !== "sent")
    yield* must(
      chunks.every((tokens) => Number.isInteger(tokens) && tokens > 0),
      `A chunk was told of with ${chunks.find((tokens) => !(Number.isInteger(tokens) && tokens > 0))} tokens: tell of chunks that bring tokens, and of no others.`,
    )
    const { outputTokens } = completion
    if (outputTokens === undefined) return yield* notRun("the engine does not tell how many tokens it wrote")
    const told = chunks.reduce((sum, tokens) => sum + tokens, 0)
    yield* must(
      told === outputTokens,
      `The chunks bring ${told} tokens, the engine counts ${outputTokens}: call observer.chunk once for each piece, with its number of tokens.`,
    )
  })

  const asLongAsAsked = Effect.gen(function* () {
    const { calls, completion } = yield* seen
    const written =
      completion.outputTokens ?? calls.reduce<number>((sum, call) => sum + (call === "sent" ? 0 : call), 0)
    yield* must(
      written === SHORT,
      `${SHORT} tokens were asked for and ${written} were written: have the engine ignore the end of text, so that all answers are of one length.`,
    )
    yield* must(
      completion.finish === undefined || completion.finish === "length",
      `An answer as long as asked for ends by "${completion.finish}", where it has to be "length".`,
    )
  })

  const countsThePrompt = Effect.gen(function* () {
    const { inputTokens } = (yield* seen).completion
    if (inputTokens === undefined) return yield* notRun("the engine does not tell how many tokens it read")
    yield* must(
      Number.isInteger(inputTokens) && inputTokens > 0,
      `The engine counts ${inputTokens} tokens of a prompt that has some.`,
    )
  })

  const chunksAsTheyCome = Effect.gen(function* () {
    const inPieces = ({ calls, turns }: Effect.Success<typeof seen>): boolean => calls.length > 2 && turns > 1
    // A fast engine's answer may be read all at once where this process was held up: hardly all of them.
    let found = inPieces(yield* seen) || inPieces(yield* repeated)
    for (let turn = 0; !found && turn < TURNS; turn++) found = inPieces(yield* again)
    yield* must(
      found,
      `All ${SHORT} tokens are told of at once: call observer.chunk when a piece arrives, or every time to a first token is that of the whole answer.`,
    )
  })

  const sameAnswer = Effect.gen(function* () {
    const first = (yield* seen).completion.text
    const second = (yield* repeated).completion.text
    if (first === undefined || second === undefined) return yield* notRun("the backend gives no text back")
    yield* must(
      first === second,
      `The same question is answered differently the second time: "${first.slice(0, 60)}", then "${second.slice(0, 60)}". Ask for the likeliest token each time (temperature 0).`,
    )
  })

  const nothingCached = Effect.gen(function* () {
    const { cachedTokens } = (yield* repeated).completion
    if (cachedTokens === undefined) return yield* notRun("the engine does not tell what it found in a cache")
    yield* must(
      cachedTokens === 0,
      `The same question again finds ${cachedTokens} tokens in a cache: turn prompt caching off, or repeated trials measure nothing.`,
    )
  })

  return [
    { name: "chunks add up to what the engine counts", check: chunksAddUp },
    { name: "writes as many tokens as asked for", check: asLongAsAsked },
    { name: "counts the prompt's tokens", check: countsThePrompt },
    { name: "hands chunks over as they come", check: chunksAsTheyCome },
    { name: "gives the same answer to the same question", check: sameAnswer },
    { name: "finds nothing of an earlier request in a cache", check: nothingCached },
  ]
}
