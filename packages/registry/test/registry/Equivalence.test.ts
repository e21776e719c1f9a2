import { assert, describe, it } from "@effect/vitest"
import type { Answers } from "@rigbook/core"
import type { CellSpec, RunRecord } from "@rigbook/core"
import { backendError, Refused } from "@rigbook/core"
import { Schema } from "effect"
import { recordOf } from "../../../records/src/store/RecordStore.ts"
import { fakeModel, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeEnvironment, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { agreementOf } from "../../src/registry/Agreement.ts"
import { equivalencesOf, judgedTogether, worstBySetup } from "../../src/registry/Equivalence.ts"
import { makeRegistry } from "../../src/registry/Registry.ts"
import { byModel } from "../../src/registry/SameModel.ts"

type Change = Partial<Omit<CellSpec, "identity">>

const record = (id: string, answers: Answers | undefined, change: Change = {}, failed = false): RunRecord =>
  recordOf(
    {
      header: {
        kind: "cell",
        schema: 1,
        id,
        startedAt: "2026-01-01T00:00:00.000Z",
        cell: fakeSpec(change),
        environment: fakeEnvironment,
        requested: { devices: ["cpu"], settings: {} },
      },
      environments: [fakeEnvironment],
      effective: undefined,
      openings: 1,
      identities: [],
      answers,
      samples: [trialSample()],
      failure: failed ? backendError("fake")(new Refused({ detail: "No.", fix: "Ask again." })) : undefined,
      finishedAt: "2026-01-01T01:00:00.000Z",
    },
    "f".repeat(64),
  )

const texts = (...all: ReadonlyArray<string>): Answers => {
  const [first = "", ...rest] = all
  return { texts: [{ text: first }, ...rest.map((text) => ({ text }))], outputTokens: 32 }
}
const THREE = texts("The sky is blue.", "One, two, three, four", "Dear Ruth,")
const NEAR = texts("The sky is grey.", "One, two, three, four", "dear Ruth,")
const BROKEN = texts("\n\n018.com/2018", "(x, y) == 1.", "A:")
const other = (backend: string): Change => ({ backend })
const idsOf = (records: ReadonlyArray<RunRecord>) => records.map(({ id }) => id)
const codesOf = ({ verdict }: RunRecord) => verdict.reasons.map(({ code }) => code)
const idPairs = (records: ReadonlyArray<RunRecord>) =>
  equivalencesOf(records).map(({ records: pair }) => idsOf(pair).toSorted().join(" "))

describe("equivalencesOf", () => {
  it("holds two engines against each other that run the same weights", () => {
    const [a, b] = [record("a", THREE), record("b", NEAR, other("another"))]
    const [found, ...more] = equivalencesOf([a, b])
    assert.strictEqual(more.length, 0)
    assert.deepInclude(found, { sameWeights: true, agreement: agreementOf(NEAR, THREE), disagree: false })
  })

  it("takes weights for the same that were unpacked from the other's file, under any name", () => {
    const gguf = fakeModel()
    const unpackedFrom = { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5, sha256: gguf.sha256 } as const
    const unpacked = fakeModel({ format: "safetensors", sha256: "c".repeat(64), unpackedFrom })
    const elsewhere = { config: { id: "b", name: "B", path: "b.yaml" }, backend: "another" }
    const a = record("a", THREE)
    const [found] = equivalencesOf([a, record("b", BROKEN, { ...elsewhere, model: unpacked })])
    assert.deepInclude(found, { sameWeights: true, disagree: true })
    const stranger = fakeModel({ sha256: "d".repeat(64) })
    assert.deepStrictEqual(equivalencesOf([a, record("b", BROKEN, { ...elsewhere, model: stranger })]), [])
  })

  it("shows weights of another file beside, and judges nothing by them", () => {
    const requantized = fakeModel({ quantization: "Q8_0", sha256: "c".repeat(64) })
    const [found] = equivalencesOf([record("a", THREE), record("b", BROKEN, { model: requantized })])
    assert.strictEqual(found?.sameWeights, false)
    assert.notProperty(found, "disagree")
  })

  it("compares placements, options and versions, but not two scenarios of one engine", () => {
    const longer = scenario({ kind: "latency", prompts: "fake-prompts", requests: 2, outputTokens: 99 })
    const records = [
      record("a", THREE),
      record("longer", THREE, { scenario: longer }),
      record("options", THREE, { options: { context: 1 } }),
      record("version", THREE, { runtime: fakeRuntime({ version: "2.0" }) }),
    ]
    assert.sameMembers(idPairs(records), [
      "a options",
      "a version",
      "longer options",
      "longer version",
      "options version",
    ])
    assert.strictEqual(worstBySetup(equivalencesOf(records)).length, 3)
  })

  it("compares no other prompts, no other task, and nothing invalid", () => {
    const a = record("a", THREE)
    const prompts = { name: "others", sha256: "e".repeat(64), count: 3, license: "CC0-1.0" }
    assert.deepStrictEqual(idPairs([a, record("b", THREE, { ...other("another"), prompts })]), [])
    assert.deepStrictEqual(idPairs([a, record("b", THREE, { ...other("another"), task: "embed" })]), [])
    assert.deepStrictEqual(idPairs([a, record("b", THREE, other("another"), true)]), [])
  })

  it("says why there is nothing to compare", () => {
    const old = record("b", undefined, other("another"))
    const [found] = equivalencesOf([record("a", THREE), old])
    assert.deepStrictEqual(found?.agreement, { absent: "a record from before answers were stored" })
    assert.notProperty(found, "disagree")
  })

  const ALL = [
    record("a", THREE),
    record("b", NEAR, other("b")),
    record("c", BROKEN, other("c")),
    record("d", undefined, other("d")),
  ]
  const Keys = Schema.Array(Schema.Int).check(Schema.isMinLength(ALL.length), Schema.isMaxLength(ALL.length))
  it.prop("does not depend on the order of the records", { keys: Keys }, ({ keys }) => {
    const shuffled = ALL.map((each, index) => ({ each, key: keys[index]! })).toSorted((a, b) => a.key - b.key)
    const again = shuffled.map(({ each }) => each)
    assert.deepStrictEqual(equivalencesOf(again), equivalencesOf(ALL))
  })
})

describe("worstBySetup", () => {
  it("keeps of two setups the pair that agrees least, and one that says why if no pair is compared", () => {
    const longer = scenario({ kind: "latency", prompts: "fake-prompts", requests: 2, outputTokens: 99 })
    const records = [
      record("a", THREE),
      record("b", NEAR, other("b")),
      record("c", BROKEN, { ...other("b"), scenario: longer }),
    ]
    assert.deepStrictEqual(
      worstBySetup(equivalencesOf(records)).map(({ records: pair }) => idsOf(pair).toSorted()),
      [["a", "c"]],
    )
    const silent = [record("a", undefined), record("b", THREE, other("b"))]
    assert.strictEqual(worstBySetup(equivalencesOf(silent)).length, 1)
  })
})

describe("judgedTogether", () => {
  const [a, b, c] = [record("a", THREE), record("b", NEAR, other("b")), record("c", BROKEN, other("c"))]

  it("leaves records alone that agree", () => {
    assert.deepStrictEqual(judgedTogether([a, b], equivalencesOf([a, b])), [a, b])
  })

  it("adds to each one's own reasons whom it disagrees with; nobody knows who is right", () => {
    const judged = judgedTogether([a, b, c], equivalencesOf([a, b, c]))
    assert.deepStrictEqual(judged.map(codesOf), [
      ["too-few-trials", "engines-disagree"],
      ["too-few-trials", "engines-disagree"],
      ["too-few-trials", "engines-disagree", "engines-disagree"],
    ])
    assert.match(
      judged[0]!.verdict.reasons[1]!.detail,
      /0\.0 % .*bound 10 %.* c \(fake-engine 1\.0\) on cpu, record c$/,
    )
    assert.deepStrictEqual(codesOf(a), ["too-few-trials"])
    const bare = (one: RunRecord) => Object.assign({}, one, { verdict: undefined })
    assert.deepStrictEqual(judged.map(bare), [a, b, c].map(bare))
  })

  it("is what a registry's entries carry", () => {
    const { entries, equivalences } = makeRegistry([a, c], [])
    assert.strictEqual(equivalences.length, 1)
    assert.deepStrictEqual(entries[0]!.records, judgedTogether([c, a], equivalences))
  })

  it("calls prompts that no engine reads alike a disagreement, whatever was written", () => {
    const read = (inputTokens: number): Answers => ({ texts: [{ text: "same", inputTokens }], outputTokens: 32 })
    const records = [record("a", read(7)), record("b", read(8), other("b"))]
    const [judged] = judgedTogether(records, equivalencesOf(records))
    assert.include(judged!.verdict.reasons.at(-1)!.detail, "of 1 prompts 0 have the same number of tokens")
  })

  it("tells vectors apart by their least cosine", () => {
    const vector = (...values: ReadonlyArray<number>): Answers => ({
      vectors: { count: 1, dimensions: 2, base64: Buffer.from(Float32Array.from(values).buffer).toString("base64") },
    })
    const of = (cosine: number) => {
      const records = [
        record("a", vector(1, 0), { task: "embed" }),
        record("b", vector(cosine, Math.sqrt(1 - cosine ** 2)), { ...other("b"), task: "embed" }),
      ]
      return judgedTogether(records, equivalencesOf(records))[0]!.verdict.reasons.at(-1)!.detail
    }
    assert.notInclude(of(0.9991), "cosine")
    assert.include(of(0.9989), "a vector has a cosine of 0.9989 (bound 0.999)")
  })
})

describe("byModel", () => {
  it("groups by weights, config or name, over any number of steps", () => {
    const named = (id: string, config: string, name: string, sha256: string) =>
      record(id, undefined, { config: { id: config, name, path: "m.yaml" }, model: fakeModel({ sha256 }) })
    const records = [
      named("1", "x", "X", "a"),
      named("2", "y", "Y", "b"),
      named("3", "z", "Z", "c"),
      named("4", "y", "X", "d"),
      named("5", "w", "W", "c"),
    ]
    assert.deepStrictEqual(byModel(records).map(idsOf), [
      ["1", "2", "4"],
      ["3", "5"],
    ])
  })
})
