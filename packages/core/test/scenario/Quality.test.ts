import { assert, describe, it } from "@effect/vitest"
import type { PromptSet } from "../../src/scenario/PromptSet.ts"
import type { Dataset } from "../../src/scenario/Dataset.ts"
import { kindOf, referenceOf, scenarioName, scenarioTask, trialWork } from "../../src/scenario/Scenario.ts"
import { score } from "../../src/scenario/Score.ts"
import { keepSecret } from "../../src/Secrets.ts"
import { scoreReplies } from "../../src/scenario/ScoreReplies.ts"
import { fakePrompts, scenario } from "../../../testkit/src/FakeCell.ts"
import { chunkSample } from "../../../testkit/src/FakeSamples.ts"

const ANSWERS = {
  measure: "retrieval",
  queries: ["where", "who"],
  documents: ["here", "she", "now"],
  relevant: [[0, 2], [1]],
} as const
const PAIRS = {
  measure: "sts",
  pairs: [
    ["a dog", "a hound"],
    ["a dog", "a law"],
  ],
  scores: [5, 1],
} as const
const QUESTIONS = {
  measure: "tasks",
  questions: [
    { question: "Where?", answer: "here", choices: ["there", "here"] },
    { question: "How many?", answer: "7" },
  ],
} as const
const set = (dataset: Dataset): PromptSet => ({
  name: "d",
  license: "CC0-1.0",
  sha256: "d".repeat(64),
  prompts: [],
  dataset,
})
const vectors = (rows: ReadonlyArray<ReadonlyArray<number>>) => ({
  count: rows.length,
  dimensions: rows[0]!.length,
  base64: Buffer.from(Float32Array.from(rows.flat()).buffer).toString("base64"),
})
/** A vector of a length of 1 at so many degrees. */
const at = (degrees: number): ReadonlyArray<number> => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
]
const answer = (rows: ReadonlyArray<ReadonlyArray<number>>) => ({ vectors: vectors(rows) })
const scored = (dataset: Parameters<typeof score>[0], ...rows: ReadonlyArray<ReadonlyArray<number>>) =>
  score(dataset, [answer(rows)])
const ranks = (...rows: ReadonlyArray<ReadonlyArray<number>>) => {
  const found = scored(ANSWERS, ...rows)
  return found?.measure === "retrieval" ? found.ranks : undefined
}

describe("a scenario of quality", () => {
  const retrieval = scenario({
    kind: "quality",
    measure: "retrieval",
    dataset: "d",
    queryPrefix: "q: ",
    documentPrefix: "p: ",
  })

  it("sends queries and then documents, each with what goes before it, and wants their vectors", () => {
    const { requests } = trialWork(retrieval, set(ANSWERS), "")
    assert.deepStrictEqual(requests, [
      {
        prompt: 0,
        request: {
          task: "embed",
          texts: ["q: where", "q: who", "p: here", "p: she", "p: now"],
          batchSize: 1,
          returnVectors: true,
        },
      },
    ])
    const sts = scenario({ kind: "quality", measure: "sts", dataset: "d", queryPrefix: "q: " })
    const [sent] = trialWork(sts, set(PAIRS), "").requests
    assert.deepInclude(sent?.request, { texts: ["q: a dog", "q: a dog", "q: a hound", "q: a law"] })
  })

  it("sends the same texts in every trial, no more of them at once than one answer can hold", () => {
    const many: Dataset = { ...ANSWERS, documents: Array.from({ length: 200 }, (_, n) => `document ${n}`) }
    const of = (round: string) => trialWork(retrieval, set(many), round).requests
    assert.deepStrictEqual(of("measured-0"), of("measured-1"))
    assert.deepStrictEqual(
      of("").map(({ prompt, request }) => [prompt, request.task === "embed" ? request.texts.length : 0]),
      [
        [0, 64],
        [64, 64],
        [128, 64],
        [192, 10],
      ],
    )
  })

  it("is named by what it measures and on what, and has two trials whatever the protocol says", () => {
    assert.strictEqual(scenarioName(retrieval), "quality-retrieval-d-q-p")
    const own = scenario({ kind: "quality", measure: "sts", dataset: { file: "mine/laws.jsonl" } })
    assert.strictEqual(scenarioName(own), "quality-sts-laws")
    const instructed = scenario({
      kind: "quality",
      measure: "retrieval",
      dataset: "d",
      queryPrefix: "> Retrieve what answers: ",
    })
    assert.strictEqual(scenarioName(instructed), "quality-retrieval-d-retrieve")
    const batched = scenario({ kind: "quality", measure: "sts", dataset: "d", batchSize: 8 })
    assert.strictEqual(scenarioName(batched), "quality-sts-d-x8")
    for (const [outputTokens, name] of [
      [16, "quality-tasks-d"],
      [512, "quality-tasks-d-x512"],
    ] as const)
      assert.strictEqual(
        scenarioName(scenario({ kind: "quality", measure: "tasks", dataset: "d", outputTokens })),
        name,
      )
    assert.strictEqual(scenarioTask(own), "embed")
    assert.deepStrictEqual(kindOf(own).repetition?.(own), { warmup: 0, trials: 2 })
  })

  it("compares chunks of a text with a reference, once: its null test shows that it repeats", () => {
    const kld = scenario({ kind: "quality", measure: "kld", prompts: "p", reference: { path: "f16.gguf" }, chunks: 2 })
    assert.strictEqual(scenarioName(kld), "quality-kld-p-2x512")
    assert.deepStrictEqual(
      [scenarioTask(kld), kindOf(kld).repetition?.(kld), referenceOf(kld)],
      ["generate", { warmup: 0, trials: 1 }, { path: "f16.gguf" }],
    )
    const text = "one\n\ntwo\n\nthree"
    const { requests, score: scoreOf } = trialWork(kld, fakePrompts, "")
    assert.deepStrictEqual(
      requests.map(({ request }) => request),
      [0, 1].map((chunk) => ({ task: "diverge" as const, text, chunk })),
    )
    const [first, second] = [chunkSample(0.1), chunkSample(0.2)]
    assert.deepStrictEqual(scoreOf?.([{ divergence: { ...first, nullTest: 0 } }, { divergence: second }]), {
      measure: "kld",
      chunks: [first, second],
      nullTest: 0,
    })
    assert.isUndefined(scoreOf?.([{ divergence: first }, undefined]))
  })

  it("sends each question as a chat of its own, with its choices by letters", () => {
    const tasks = scenario({ kind: "quality", measure: "tasks", dataset: "d" })
    assert.strictEqual(scenarioName(tasks), "quality-tasks-d")
    assert.deepStrictEqual(
      [scenarioTask(tasks), kindOf(tasks).repetition?.(tasks)],
      ["generate", { warmup: 0, trials: 2 }],
    )
    const { requests, score: scoreOf } = trialWork(tasks, set(QUESTIONS), "")
    assert.deepStrictEqual(
      requests.map(({ prompt, request }) => [prompt, request]),
      [
        "Where?\n\nA. there\nB. here\n\nReply with the letter of the right answer alone.",
        "How many?\n\nReply with the answer alone, in as few words as possible.",
      ].map((content, at) => [
        at,
        {
          task: "generate" as const,
          prompt: { messages: [{ role: "user" as const, content }] },
          outputTokens: 16,
          natural: true as const,
        },
      ]),
    )
    assert.deepStrictEqual(
      scoreOf?.([
        { text: "B", finish: "stop" },
        { text: "Seven is", finish: "length" },
      ]),
      {
        measure: "tasks",
        questions: [
          { answer: "B", choices: 2, reply: "B" },
          { answer: "7", reply: "Seven is", cut: true },
        ],
      },
    )
  })

  it("refuses datasets by which nothing can be distinguished, and a prefix of documents where there are none", () => {
    const unfit = (of: object, dataset: Dataset) => {
      const one = scenario({ kind: "quality", dataset: "d", ...of })
      return kindOf(one).unfit?.(one, set(dataset))?.field
    }
    assert.isUndefined(unfit({ measure: "retrieval", documentPrefix: "p: " }, ANSWERS))
    assert.isUndefined(unfit({ measure: "sts" }, PAIRS))
    assert.strictEqual(unfit({ measure: "retrieval" }, { ...ANSWERS, documents: ["here"] }), "dataset")
    assert.strictEqual(unfit({ measure: "sts" }, { ...PAIRS, scores: [3, 3] }), "dataset")
    assert.strictEqual(unfit({ measure: "sts", documentPrefix: "p: " }, PAIRS), "documentPrefix")
  })
})

describe("scoreReplies", () => {
  it("leaves reasoning out, and gives nothing where a text is missing", () => {
    const found = scoreReplies(QUESTIONS, 16, [{ text: "A? no. B", reasoningLength: 7 }, { text: "7" }])
    assert.deepStrictEqual(found?.measure === "tasks" ? found.questions.map(({ reply }) => reply) : [], ["B", "7"])
    assert.isUndefined(scoreReplies(QUESTIONS, 16, [{ text: "B" }, {}]))
    assert.isUndefined(scoreReplies(QUESTIONS, 16, [{ text: "B" }, undefined]))
  })

  it("are kept without secrets, and not longer than so many tokens can be", () => {
    keepSecret("kept-where-nobody-reads-it")
    const found = scoreReplies(QUESTIONS, 1, [
      { text: "B, says kept-where-nobody-reads-it" },
      { text: "7".repeat(10_000) },
    ])
    const [one, two] = found?.measure === "tasks" ? found.questions : []
    assert.strictEqual(one!.reply, "B, says ***")
    assert.isTrue(two!.cut)
    assert.isBelow(two!.reply.length, 1000)
  })
})

describe("score", () => {
  it("ranks documents by cosine, whatever the vectors' lengths", () => {
    const rows = [at(0), at(90), at(10), at(80), at(20)]
    assert.deepStrictEqual(ranks(...rows), [[1, 2], [1]])
    assert.deepStrictEqual(ranks(at(0), at(90), at(30), at(10), at(20)), [[2, 3], [3]])
    const longer = rows.map((row, n) => row.map((value) => value * (n + 2)))
    assert.deepStrictEqual(ranks(...longer), [[1, 2], [1]])
    assert.propertyVal(scored(ANSWERS, ...rows), "normalized", true)
    assert.propertyVal(scored(ANSWERS, ...longer), "normalized", false)
  })

  it("counts a tie against the model: one vector for all texts finds nothing", () => {
    const same = Array.from({ length: 5 }, () => at(45))
    assert.deepStrictEqual(ranks(...same), [[2, 3], [3]], "behind every document that is no answer")
  })

  it("gives no rank where a vector has no direction, and ranks behind others that have none", () => {
    const none = [Number.NaN, 0]
    assert.deepStrictEqual(ranks(none, at(90), at(10), at(80), at(20)), [null, [1]])
    assert.deepStrictEqual(ranks(at(0), at(90), [0, 0], at(80), at(20)), [null, [2]])
  })

  it("gives each pair's cosine beside its score", () => {
    const found = scored(PAIRS, at(0), at(0), at(60), [0, 0])
    assert.isTrue(found?.measure === "sts")
    if (found?.measure !== "sts") return
    assert.closeTo(found.cosines[0]!, 0.5, 1e-6)
    assert.isNull(found.cosines[1])
    assert.deepStrictEqual(found.scores, [5, 1])
    assert.deepStrictEqual(found.texts, [
      [0, 1],
      [0, 2],
    ])
    const apart = { ...PAIRS, pairs: [["a", "b"] as const, ["c", "d"] as const] }
    assert.notProperty(scored(apart, at(0), at(0), at(60), at(20)), "texts", "no two pairs share one")
  })

  it("reads the vectors of several calls one after the other; gives nothing where some are missing", () => {
    const rows = [at(0), at(90), at(10), at(80), at(20)]
    assert.deepStrictEqual(
      score(ANSWERS, [answer(rows.slice(0, 3)), answer(rows.slice(3))]),
      score(ANSWERS, [answer(rows)]),
    )
    assert.isUndefined(score(ANSWERS, [answer(rows.slice(1))]))
    assert.isUndefined(score(ANSWERS, [answer(rows), undefined, { vectors: { count: 1, dimensions: 2 } }].slice(1)))
    assert.isUndefined(score(ANSWERS, [{ vectors: { ...vectors(rows), dimensions: 3 } }]))
  })
})
