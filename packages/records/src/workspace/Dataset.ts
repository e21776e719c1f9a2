import { type Dataset, type Measure, type PromptSet, textSha256 } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { BadPromptSet, textOf } from "./PromptText.ts"

const none = Schema.optionalKey(Schema.Undefined)

const Header = Schema.Struct({
  license: Schema.NonEmptyString,
  language: Schema.optionalKey(Schema.NonEmptyString),
  // Lines of data have these: one that names its licence too is no header.
  query: none,
  sentence1: none,
  question: none,
})

const whole = Schema.NonEmptyString.check(
  Schema.makeFilter((text) => text.isWellFormed(), { message: "Expected text without half of a surrogate pair" }),
)
/** A person can name so many choices by letters. */
const MAX_CHOICES = 26
const QuestionLine = Schema.Struct({
  question: whole,
  answer: whole,
  choices: Schema.optionalKey(Schema.Array(whole)),
}).check(
  Schema.makeFilter(({ answer, choices }) => {
    if (choices === undefined) return undefined
    if (choices.length < 2 || choices.length > MAX_CHOICES || new Set(choices).size < choices.length)
      return `Expected 2 to ${MAX_CHOICES} different choices`
    return choices.includes(answer) ? undefined : "Expected an answer that is one of the choices"
  }),
)
const LINES = {
  retrieval: Schema.Struct({ query: whole, document: whole }),
  sts: Schema.Struct({ sentence1: whole, sentence2: whole, score: Schema.Finite }),
  tasks: QuestionLine,
}

const decodeHeader = Schema.decodeUnknownOption(Schema.fromJsonString(Header))
const decodeAnswer = Schema.decodeUnknownEffect(Schema.fromJsonString(LINES.retrieval))
const decodePair = Schema.decodeUnknownEffect(Schema.fromJsonString(LINES.sts))
const decodeQuestion = Schema.decodeUnknownEffect(Schema.fromJsonString(LINES.tasks))

const EXPECTED = {
  retrieval: '{"query": …, "document": …} with the text of both',
  sts: '{"sentence1": …, "sentence2": …, "score": …} with a number for the score',
  tasks: '{"question": …, "answer": …}, and "choices": […] that the answer is one of if there are any',
}

/**
 * Reads a dataset: JSON lines with `query` and `document`, with `sentence1`, `sentence2` and `score`, or with `question`,
 * `answer` and maybe `choices`; the first line may be a header with its licence and language. A query that stands in
 * several lines has several documents that answer it.
 * Fails with `BadPromptSet`.
 */
export const readDataset = Effect.fn("Dataset.readDataset")(function* (
  about: Pick<PromptSet, "name" | "file">,
  path: string,
  measure: Measure,
) {
  const text = yield* textOf(path, "this dataset does not exist")
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }))
  const header = decodeHeader(lines[0]?.line ?? "")
  const items = lines.slice(header._tag === "Some" ? 1 : 0).filter(({ line }) => line.trim() !== "")
  if (items.length === 0) return yield* new BadPromptSet({ path, detail: "the dataset is empty" })
  const read = <A>(decode: (line: string) => Effect.Effect<A, Schema.SchemaError>) =>
    Effect.forEach(items, ({ line, number }) =>
      Effect.mapError(
        decode(line),
        (error) =>
          new BadPromptSet({
            path: `${path}:${number}`,
            detail: `not a line of this dataset: ${error.message.split("\n")[0]}; expected is ${EXPECTED[measure]}`,
          }),
      ),
    )
  const dataset: Dataset =
    measure === "retrieval"
      ? answersOf(yield* read(decodeAnswer))
      : measure === "sts"
        ? pairsOf(yield* read(decodePair))
        : { measure, questions: yield* read(decodeQuestion) }
  const { language, license = "not stated" } = header._tag === "Some" ? header.value : {}
  return {
    ...about,
    license,
    ...(language === undefined ? {} : { language }),
    sha256: textSha256(text),
    prompts: [],
    dataset,
  } satisfies PromptSet
})

/** Equal texts are one: a document that answers two queries is no wrong answer to either. */
const answersOf = (lines: ReadonlyArray<typeof LINES.retrieval.Type>): Dataset => {
  const documents = [...new Set(lines.map(({ document }) => document))]
  const placeOf = new Map(documents.map((document, place) => [document, place]))
  const byQuery = Map.groupBy(lines, ({ query }) => query)
  return {
    measure: "retrieval",
    queries: [...byQuery.keys()],
    documents,
    relevant: [...byQuery.values()].map((of) => [...new Set(of.map(({ document }) => placeOf.get(document)!))]),
  }
}

const pairsOf = (lines: ReadonlyArray<typeof LINES.sts.Type>): Dataset => ({
  measure: "sts",
  pairs: lines.map(({ sentence1, sentence2 }) => [sentence1, sentence2]),
  scores: lines.map(({ score }) => score),
})
