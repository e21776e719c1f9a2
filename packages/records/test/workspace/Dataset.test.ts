import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type Measure, textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readPrompts } from "../../src/workspace/PromptSet.ts"
import { put } from "../fakes/workspace.ts"

const OURS = fileURLToPath(new URL("../../../../benchmarks/configs/datasets", import.meta.url))
const HEADER = '{"license":"CC-BY-4.0","language":"es"}'
const LINES = [
  '{"query":"rent","document":"The tenant pays."}',
  '{"query":"rent","document":"Rent is due monthly."}',
  '{"query":"notice","document":"The tenant pays.","note":"any other key"}',
]

layer(NodeServices.layer)("readPrompts of a dataset", (it) => {
  const read = Effect.fnUntraced(function* (text: string, measure: Measure = "retrieval") {
    const fs = yield* FileSystem.FileSystem
    const root = yield* fs.makeTempDirectoryScoped()
    yield* put(join(root, "own.jsonl"), text)
    return yield* readPrompts({ dataset: { file: "own.jsonl" }, measure }, { root, prompts: root, datasets: root })
  })
  const refusal = (text: string, measure?: Measure) =>
    Effect.map(Effect.flip(read(text, measure)), ({ message }) => message)

  it.effect("reads pairs of one's own: a query may have several answers, and a document answer several queries", () =>
    Effect.gen(function* () {
      const text = [HEADER, ...LINES, ""].join("\n")
      assert.deepStrictEqual(yield* read(text), {
        name: "own.jsonl",
        file: "own.jsonl",
        license: "CC-BY-4.0",
        language: "es",
        sha256: textSha256(text),
        prompts: [],
        dataset: {
          measure: "retrieval",
          queries: ["rent", "notice"],
          documents: ["The tenant pays.", "Rent is due monthly."],
          relevant: [[0, 1], [0]],
        },
      })
      const without = yield* read(LINES.join("\n"))
      assert.deepStrictEqual([without.license, without.language], ["not stated", undefined])
    }),
  )

  it.effect("reads pairs of sentences with their scores", () =>
    Effect.gen(function* () {
      const { dataset } = yield* read('{"sentence1":"a dog","sentence2":"a hound","score":4.5}\n', "sts")
      assert.deepStrictEqual(dataset, { measure: "sts", pairs: [["a dog", "a hound"]], scores: [4.5] })
    }),
  )

  it.effect("reads questions with their answers, and their choices where there are any", () =>
    Effect.gen(function* () {
      const lines = [
        '{"question":"Where?","answer":"here","choices":["there","here"]}',
        '{"question":"Who?","answer":"she"}',
      ]
      const { dataset, license } = yield* read(['{"license":"CC0-1.0"}', ...lines].join("\n"), "tasks")
      assert.deepStrictEqual(dataset, {
        measure: "tasks",
        questions: [
          { question: "Where?", answer: "here", choices: ["there", "here"] },
          { question: "Who?", answer: "she" },
        ],
      })
      assert.strictEqual(license, "CC0-1.0")
      const choices = (...of: ReadonlyArray<string>) =>
        refusal(JSON.stringify({ question: "Where?", answer: "here", choices: of }), "tasks")
      assert.include(yield* choices("there", "nowhere"), "an answer that is one of the choices")
      assert.include(yield* choices("here"), "2 to 26 different choices")
      assert.include(yield* choices("here", "there", "there"), "2 to 26 different choices")
    }),
  )

  it.effect("says which line is not of the dataset, and what is expected there", () =>
    Effect.gen(function* () {
      const missing = yield* refusal([HEADER, LINES[0], '{"query":"rent"}'].join("\n"))
      assert.include(missing, "own.jsonl:3: not a line of this dataset: ")
      assert.include(missing, '{"query": …, "document": …}')
      assert.include(yield* refusal(LINES.join("\n"), "sts"), '"score": …} with a number')
      assert.include(yield* refusal('{"query":"\\ud800","document":"d"}'), "surrogate")
      assert.include(yield* refusal(`${HEADER}\n`), "the dataset is empty")
    }),
  )

  it.effect("says so where there is none of this name", () =>
    Effect.gen(function* () {
      const requested = { dataset: "none", measure: "retrieval" } as const
      const { detail } = yield* Effect.flip(readPrompts(requested, { root: "/", prompts: "/", datasets: OURS }))
      assert.strictEqual(detail, "this dataset does not exist")
    }),
  )

  it.effect("reads our own questions, each letter of which is right ten times", () =>
    Effect.gen(function* () {
      const requested = { dataset: "everyday-choices", measure: "tasks" } as const
      const { dataset, license } = yield* readPrompts(requested, { root: "/", prompts: "/", datasets: OURS })
      assert.strictEqual(license, "CC0-1.0")
      const questions = dataset?.measure === "tasks" ? dataset.questions : []
      assert.strictEqual(new Set(questions.map(({ question }) => question)).size, 40)
      const places = questions.map(({ answer, choices = [] }) => choices.indexOf(answer))
      for (const place of [0, 1, 2, 3]) assert.strictEqual(places.filter((one) => one === place).length, 10)
    }),
  )

  it.effect("reads our own: the Universal Declaration, each article of it once", () =>
    Effect.gen(function* () {
      const requested = { dataset: "udhr-eng-spa", measure: "retrieval" } as const
      const { dataset, language, license } = yield* readPrompts(requested, { root: "/", prompts: "/", datasets: OURS })
      assert.deepStrictEqual([license, language], ["MIT", "en, es"])
      assert.isTrue(dataset?.measure === "retrieval")
      if (dataset?.measure !== "retrieval") return
      assert.deepStrictEqual([dataset.queries.length, dataset.documents.length], [30, 30])
      assert.deepStrictEqual(
        dataset.relevant,
        Array.from({ length: 30 }, (_, article) => [article]),
      )
    }),
  )
})
