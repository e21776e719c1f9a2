import { Effect, Result, type Scope } from "effect"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import { ask, embedRequest } from "./Ask.ts"
import type { Bench } from "./Bench.ts"
import type { Shared } from "./Shared.ts"

/** What is seen of one batch of texts, and of the vectors when they are asked for. */
export const embedCases = <R>(bench: Bench<R>, { opened, seen }: Shared<R>): ReadonlyArray<Case<R | Scope.Scope>> => {
  const oneForEach = Effect.gen(function* () {
    const { vectors } = (yield* seen).completion
    const { texts } = embedRequest(yield* bench.subject)
    yield* must(
      vectors !== undefined,
      "A completion of an embed request holds no vectors: tell their number and width.",
    )
    yield* must(
      vectors?.count === texts.length,
      `${vectors?.count} vectors come back for ${texts.length} texts: one is due for each.`,
    )
    yield* must((vectors?.dimensions ?? 0) > 0, `The vectors have ${vectors?.dimensions} dimensions.`)
    yield* must(
      vectors?.base64 === undefined,
      "The vectors themselves come back unasked: they would cost time in every trial. Give them for returnVectors only.",
    )
  })

  const countsTheTexts = Effect.gen(function* () {
    const { inputTokens } = (yield* seen).completion
    if (inputTokens === undefined) return yield* notRun("the engine does not tell how many tokens it read")
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
      return yield* violated(`Asked for the vectors themselves, the backend fails: ${answered.failure.message}`)
    const { base64, count = 0, dimensions = 0 } = answered.success.completion.vectors ?? {}
    if (base64 === undefined) return yield* notRun("the backend gives no vectors back")
    const bytes = Buffer.from(base64, "base64")
    const due = count * dimensions * Float32Array.BYTES_PER_ELEMENT
    yield* must(
      bytes.length === due,
      `${count} vectors of ${dimensions} dimensions are ${due} bytes as float32, base64 holds ${bytes.length}.`,
    )
    const values = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    yield* must(values.every(Number.isFinite), "The vectors hold values that are no numbers.")
  })

  return [
    { name: "gives one vector for each text, all of one width", check: oneForEach },
    { name: "counts the texts' tokens", check: countsTheTexts },
    { name: "gives the vectors themselves back when they are asked for", check: givesVectorsBack },
  ]
}
