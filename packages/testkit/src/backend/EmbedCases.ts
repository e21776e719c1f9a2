import { Effect, Result, type Scope } from "effect"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import { ask, embedRequest } from "./Ask.ts"
import type { Bench } from "./Bench.ts"
import type { Shared } from "./Shared.ts"

/** What is observed of one batch of texts, and of the vectors if they are requested. */
export const embedCases = <R>(
  bench: Bench<R>,
  { opened, observed }: Shared<R>,
): ReadonlyArray<Case<R | Scope.Scope>> => {
  const oneForEach = Effect.gen(function* () {
    const { vectors } = (yield* observed).completion
    const { texts } = embedRequest(yield* bench.subject)
    yield* must(
      vectors !== undefined,
      "The completion of an embed request has no vectors: report their number and width.",
    )
    yield* must(
      vectors?.count === texts.length,
      `${vectors?.count} vectors for ${texts.length} texts: return one for each.`,
    )
    yield* must((vectors?.dimensions ?? 0) > 0, `The vectors have ${vectors?.dimensions} dimensions.`)
    yield* must(
      vectors?.base64 === undefined,
      "The vectors are returned without a request: that would cost time in every trial. Return them for returnVectors only.",
    )
  })

  const countsTheTexts = Effect.gen(function* () {
    const { inputTokens } = (yield* observed).completion
    if (inputTokens === undefined) return yield* notRun("the engine does not report the number of input tokens")
    const { texts } = embedRequest(yield* bench.subject)
    yield* must(
      inputTokens >= texts.length,
      `The engine counts ${inputTokens} tokens in ${texts.length} texts: count those of all texts.`,
    )
  })

  const givesVectorsBack = Effect.gen(function* () {
    const subject = yield* bench.subject
    const { session } = yield* opened
    const answered = yield* ask(session, embedRequest(subject, true), subject.limits.answerMs)
    if (Result.isFailure(answered))
      return yield* violated(`With returnVectors, the backend fails: ${answered.failure.message}`)
    const { base64, count = 0, dimensions = 0 } = answered.success.completion.vectors ?? {}
    if (base64 === undefined) return yield* notRun("the backend does not return vectors")
    const bytes = Buffer.from(base64, "base64")
    const due = count * dimensions * Float32Array.BYTES_PER_ELEMENT
    yield* must(
      bytes.length === due,
      `${count} vectors of ${dimensions} dimensions are ${due} bytes as float32, but base64 has ${bytes.length}.`,
    )
    const values = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    yield* must(values.every(Number.isFinite), "The vectors contain values that are not finite.")
  })

  return [
    { name: "returns one vector for each text, all of the same width", check: oneForEach },
    { name: "counts the texts' tokens", check: countsTheTexts },
    { name: "returns the vectors themselves if requested", check: givesVectorsBack },
  ]
}
