import { RatingRules, type RunRecord, reason, verdictOf } from "@rigbook/core"
import { Schema } from "effect"
import { assert, describe, it } from "vitest"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec, scenario } from "../../../testkit/src/FakeCell.ts"
import { lossTradeoffsOf } from "../../src/rating/LossTradeoff.ts"
import { rate } from "../../src/rating/Rate.ts"
import { makeRegistry } from "../../src/registry/Registry.ts"
import { ratedRecord } from "../fakes/ratings.ts"

const rulesOf = (quality: object): RatingRules =>
  Schema.decodeUnknownSync(RatingRules)({
    version: 1,
    gates: { trials: 5, reasons: [] },
    coverage: 0.6,
    starsWithoutQuality: 4,
    useCases: [
      {
        id: "chat",
        title: "Chat",
        task: "generate",
        criteria: [
          {
            metric: "decode_tps_user",
            weight: 1,
            points: [
              [10, 0],
              [100, 1],
            ],
          },
        ],
        quality: [
          {
            metric: "kld_mean",
            points: [
              [0.01, 1],
              [0.5, 0],
            ],
            ...quality,
          },
        ],
      },
    ],
  })

const QUALITY = scenario({
  kind: "quality",
  measure: "kld",
  prompts: "text",
  reference: { path: "f16.gguf" },
  chunks: 8,
  context: 512,
})

interface Of {
  readonly file?: string
  readonly kvCache?: string
  readonly bits?: number
  readonly id?: string
  readonly verdict?: RunRecord["verdict"]
}

const cellOf = ({ bits = 4, file = "a" }: Of) => ({
  config: { id: `model-${file}`, name: `Model Q${bits}`, path: `models/configs/model-${file}.yaml` },
  model: fakeModel({ sha256: file.repeat(64), quantization: `Q${bits}`, bitsPerWeight: bits, weightBytes: bits * 1e6 }),
})
const setting = (kvCache = "f16") => ({ requested: { devices: ["cpu"], settings: { kvCache } } })

const speed = (decode: number, of: Of = {}): RunRecord =>
  ratedRecord(
    { decode_tps_user: decode },
    { id: `speed-${of.id ?? of.file ?? "a"}`, cell: fakeSpec(cellOf(of)), ...setting(of.kvCache) },
  )

const loss = (kld: number, of: Of = {}): RunRecord =>
  ratedRecord(
    { kld_mean: { median: kld, low: 0.9 * kld, high: 1.1 * kld } },
    {
      id: `loss-${of.id ?? of.file ?? "a"}`,
      cell: fakeSpec({ ...cellOf(of), scenario: QUALITY }),
      ...setting(of.kvCache),
      ...(of.verdict === undefined ? {} : { verdict: of.verdict }),
    },
  )

const result = (rules: RatingRules, runs: ReadonlyArray<RunRecord>) => rate(rules, rules.useCases[0], speed(100), runs)!

describe("quality in ratings", () => {
  it("is a factor where it was measured, and lifts the bound", () => {
    assert.deepInclude(result(rulesOf({}), []).result, { stars: 4, score: 1 })
    assert.deepInclude(result(rulesOf({}), [loss(0.001)]).result, { stars: 5, score: 1 })
    const { quality, result: half } = result(rulesOf({}), [loss(0.255)])
    assert.deepInclude(half, { stars: 3, score: 0.5 })
    assert.deepInclude(quality[0]!.result, { value: 0.255, points: 0.5, record: "loss-a" })
    // The interval of the loss is that of its points.
    const { low, high } = quality[0]!.result as { readonly low: number; readonly high: number }
    assert.closeTo(low, (0.5 - 1.1 * 0.255) / 0.49, 1e-9)
    assert.closeTo(high, (0.5 - 0.9 * 0.255) / 0.49, 1e-9)
  })

  it("is a gate: no points, no stars", () => {
    assert.deepStrictEqual(result(rulesOf({}), [loss(0.6)]).result, {
      notRated: "kld_mean is 0.6 ms, which gives no points (0.01 would)",
    })
    assert.deepStrictEqual(result(rulesOf({ required: true, dataset: "law" }), [loss(0.001)]).result, {
      notRated: "kld_mean on law is not measured",
    })
  })

  it("is that of the same file, cache and a valid run alone", () => {
    const others = [
      loss(0.001, { file: "b" }),
      loss(0.001, { kvCache: "q4_0" }),
      loss(0.001, { verdict: verdictOf([reason("reference-quantized", "it was Q4_1")]) }),
    ]
    assert.deepInclude(result(rulesOf({}), others).result, { stars: 4 })
    assert.property(result(rulesOf({}), others).quality[0]!.result, "absent")
  })
})

describe("what a family loses by quantization", () => {
  const tradeoffs = (records: ReadonlyArray<RunRecord>) => lossTradeoffsOf(makeRegistry(records, []).entries)

  it("has a row for each file, most bits first, and marks those that no other beats in everything", () => {
    const q = (bits: number, file: string) => ({ bits, file })
    const [only, ...rest] = tradeoffs([
      speed(50, q(8, "a")),
      loss(0.001, q(8, "a")),
      speed(90, q(4, "b")),
      loss(0.04, q(4, "b")),
      speed(80, q(5, "c")),
      loss(0.05, q(5, "c")), // larger, slower and worse than Q4
      loss(0.4, q(2, "d")),
    ])
    assert.deepStrictEqual(rest, [])
    assert.deepStrictEqual(
      only!.rows.map(({ bitsPerWeight, kld, onFront, speed: run }) => [bitsPerWeight, kld, run?.id, onFront]),
      [
        [8, 0.001, "speed-a", true],
        [5, 0.05, "speed-c", false],
        [4, 0.04, "speed-b", true],
        [2, 0.4, undefined, false],
      ],
    )
  })

  it("keeps caches apart, and leaves out invalid runs", () => {
    const invalid = loss(0.5, { id: "bad", kvCache: "q8_0", verdict: verdictOf([reason("failed", "no")]) })
    const [only] = tradeoffs([speed(50), loss(0.001), invalid])
    assert.deepStrictEqual(
      only!.rows.map(({ loss: run }) => run.id),
      ["loss-a"],
    )
    assert.deepStrictEqual(tradeoffs([speed(50)]), [])
  })
})
