import { type BackendError, NOT_REPORTED, ServedModel } from "@rigbook/core"
import type { OpenAiClient } from "@rigbook/core/engine"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { connect } from "./Endpoint.ts"
import { type Fact, type Kind, put, type Question } from "./Kinds.ts"
import type { Options } from "./Options.ts"
import { itemsOf, wordAt } from "./Read.ts"
import { recognise } from "./Recognise.ts"
import { findModel } from "./Runtime.ts"

type Facts = Partial<Record<Fact, string>>

const QUESTION_MS = 5_000
/** Facts that are numbers; the others are words. */
const NUMBERS = [
  "parameters",
  "weightBytes",
  "fileBytes",
  "contextLength",
  "hiddenSize",
  "layers",
  "vocabulary",
] as const

/** What the server reports of the model that the options mean. */
export const served = (options: Options): Effect.Effect<ServedModel, BackendError> =>
  Effect.gen(function* () {
    const client = yield* connect(options)
    const kind = yield* Effect.cached(recognise(client))
    const { id } = yield* findModel(client, options, kind, { timeoutMs: QUESTION_MS, waitMs: 0 })
    return yield* servedModel(client, yield* kind, id)
  }).pipe(Effect.scoped)

/** What the server reports of its model; each fact that it does not report is left out. */
const servedModel = Effect.fnUntraced(function* (client: OpenAiClient, kind: Kind | undefined, model: string) {
  const answers = yield* Effect.forEach(kind?.questions ?? [], (question) => factsOf(client, question, model))
  const facts: Facts = Object.assign({}, ...answers)
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {}
  for (const name of NUMBERS) {
    const value = Number(facts[name] ?? Number.NaN)
    if (Number.isSafeInteger(value) && value > 0) numbers[name] = value
  }
  const { parameters, weightBytes } = numbers
  return new ServedModel({
    format: "served",
    architecture: facts.architecture ?? NOT_REPORTED,
    quantization: facts.quantization ?? NOT_REPORTED,
    ...numbers,
    ...(parameters === undefined || weightBytes === undefined ? {} : { bitsPerWeight: (8 * weightBytes) / parameters }),
    // Its own template is applied there; a server that has none refuses a chat.
    chatTemplate: true,
    sha256: digestOf(facts.sha256) ?? hashOf({ program: kind?.program ?? "unknown", model }),
  })
})

const factsOf = (client: OpenAiClient, question: Question, model: string): Effect.Effect<Facts> => {
  const { among, facts } = question
  return put(client, question, model).pipe(
    Effect.timeout(QUESTION_MS),
    Effect.orElseSucceed((): unknown => undefined),
    Effect.map((answer) => {
      const item =
        among === undefined ? answer : itemsOf(answer, among[0]).find((one) => wordAt(one, [among[1]]) === model)
      return Object.fromEntries(
        Object.entries(facts).flatMap(([name, place]) => {
          const word = wordAt(item, place)
          return word === undefined ? [] : [[name, word]]
        }),
      )
    }),
  )
}

const digestOf = (digest: string | undefined): string | undefined => /[0-9a-f]{64}/.exec(digest ?? "")?.[0]

const hashOf = (value: object): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")
