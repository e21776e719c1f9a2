import { assert, describe, it } from "@effect/vitest"
import { reason, type Truncation, verdictOf } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import type { Comparable } from "../../src/comparison/Comparable.ts"
import { compare, type CompareOptions } from "../../src/comparison/Compare.ts"
import { gate } from "../../src/comparison/Gate.ts"
import { pairRecords } from "../../src/comparison/PairRecords.ts"
import { around, record } from "./records.ts"

const SPEEDS = { ttft: around(100), tpot: around(20), memory_peak: around(2 ** 30, 0) }

describe("compare", () => {
  it("finds what is different, in its direction, and nothing else", () => {
    const a = record("a", { ...SPEEDS, prefill_tps: around(500) })
    const b = record("b", { ...SPEEDS, ttft: around(105), prefill_tps: around(525) })
    const [pair] = compare(pairRecords([a], [b])).records
    assert.deepStrictEqual(
      pair!.metrics.map(({ metric, word }) => [metric, word]),
      [
        ["ttft", "worse"],
        ["tpot", "no difference found"],
        ["memory_peak", "no difference found"],
        ["prefill_tps", "better"],
      ],
    )
    const [ttft] = pair!.metrics
    assert.approximately(ttft!.change!.estimate, 0.05, 1e-3)
    assert.isTrue(ttft!.change!.low! > 0.03 && ttft!.change!.high! < 0.07)
    assert.isTrue(ttft!.p < ttft!.pAdjusted && ttft!.pAdjusted < 0.05)
    assert.isTrue(ttft!.detectable! > 0.01 && ttft!.detectable! < 0.04)
    assert.deepStrictEqual(ttft!.a.n, 10)
  })

  it("holds figures of quality against each other query by query, where both have them", () => {
    const rank = (query: number, lost: number) => (query % 10 < lost ? 20 : 1 + (query % 7))
    const of = (id: string, lost: number, queries = 200) => ({
      ...record(id, { ndcg_10: [1, 1] }, { task: "embed" }),
      scored: {
        measure: "retrieval" as const,
        normalized: true,
        documents: 300,
        ranks: Array.from({ length: queries }, (_, query) => [rank(query, lost)]),
      },
    })
    const compared = (a: Comparable, b: Comparable) => compare(pairRecords([a], [b])).records[0]!
    const [worse] = compared(of("a", 0), of("b", 1)).metrics
    assert.deepStrictEqual([worse!.word, worse!.paired], ["worse", 200])
    assert.isTrue(worse!.shift.low! < worse!.shift.estimate && worse!.shift.high! < 0 && worse!.p < 0.001)
    const [same] = compared(of("a", 1), of("b", 1)).metrics
    assert.deepStrictEqual(
      [same!.word, same!.shift, same!.p],
      ["no difference found", { estimate: 0, low: 0, high: 0 }, 1],
    )
    assert.notProperty(same, "detectable")
    const { absent, metrics } = compared(of("a", 1), of("b", 1, 100))
    assert.deepStrictEqual([metrics.length, absent[0]!.reason], [0, "the two are not of the same queries"])
    const whole = (id: string) => ({
      ...of(id, 1),
      values: record(id, { ndcg_10: [1, 1], memory_peak: [7, 7] }).values,
    })
    const ids = (options: CompareOptions) =>
      compare(pairRecords([whole("a")], [whole("b")]), options).records[0]!.metrics.map(({ metric }) => metric)
    assert.deepStrictEqual(ids({}), ["ndcg_10"], "two trials say nothing of memory")
    assert.deepStrictEqual(ids({ metrics: ["memory_peak"] }), ["memory_peak"])
    const { scored: _, ...alone } = of("b", 1)
    assert.strictEqual(
      compared(of("a", 1), alone).metrics[0]!.word,
      "too few trials to tell",
      "a registry's JSON has no queries",
    )
  })

  it("calls no change what is certain but below the threshold", () => {
    const pairing = pairRecords(
      [record("a", { ttft: around(100, 0.0001) })],
      [record("b", { ttft: around(101, 0.0001) })],
    )
    assert.strictEqual(compare(pairing).records[0]!.metrics[0]!.word, "no difference found")
    assert.strictEqual(compare(pairing, { threshold: 0.005 }).records[0]!.metrics[0]!.word, "worse")
  })

  it("says so where the trials are too few for any difference", () => {
    const three = (centre: number) => record(String(centre), { ttft: [centre, centre + 1, centre + 2] })
    const result = compare(pairRecords([three(100)], [three(900)]))
    assert.strictEqual(result.records[0]!.metrics[0]!.word, "too few trials to tell")
    assert.notProperty(result.records[0]!.metrics[0]!.shift, "low")
    assert.deepStrictEqual(gate(result).status, "unknown")
    // Five against five can tell one metric from another, but not of forty at once.
    const five = (centre: number, id: string) => record(id, { ttft: [0, 1, 2, 3, 4].map((at) => centre + at) })
    const alone = compare(pairRecords([five(100, "a")], [five(200, "b")]))
    assert.strictEqual(alone.records[0]!.metrics[0]!.word, "worse")
    const many = { pairs: Array.from({ length: 40 }, () => [five(100, "a"), five(200, "b")] as const) }
    assert.strictEqual(
      compare({ ...many, onlyInA: [], onlyInB: [] }).records[0]!.metrics[0]!.word,
      "too few trials to tell",
    )
  })

  it("leaves out what follows another metric, unless it is requested", () => {
    const values = { tpot: around(20), decode_tps_user: around(50), load_s: [1] }
    const pairing = pairRecords([record("a", values)], [record("b", values)])
    assert.deepStrictEqual(
      compare(pairing).records[0]!.metrics.map(({ metric }) => metric),
      ["tpot"],
    )
    assert.deepStrictEqual(
      compare(pairing, { metrics: ["load_s"] }).records[0]!.metrics.map(({ metric, word }) => [metric, word]),
      [["load_s", "too few trials to tell"]],
    )
  })

  it("tests a new metric where its role says so, or it is named, and not because it is there", () => {
    const odd = METRICS.find(({ id }) => id === "icl")!
    const values = { tpot: around(20), icl: around(20) }
    const pairing = pairRecords([record("a", values)], [record("b", values)])
    const tested = (options: CompareOptions) =>
      compare(pairing, options).records[0]!.metrics.map(({ metric }) => metric)
    assert.deepStrictEqual(tested({}), ["tpot"])
    assert.deepStrictEqual(tested({ metrics: ["icl"] }), ["icl"])
    assert.deepStrictEqual(tested({ known: [{ ...odd, roles: ["compared"] }] }), ["icl"])
    assert.deepStrictEqual(tested({ known: [] }), [])
  })

  it("says why a metric is not compared: absent, gone or redefined", () => {
    const a = record("a", { ttft: around(100), tpot: around(20), e2e: around(1) })
    const other = record("b", { ttft: around(100), e2e: around(1) })
    const [ttft, e2e] = other.values
    const b = {
      ...other,
      values: [
        { ...ttft!, definition: "another" },
        { ...e2e!, result: { absent: "no chunk" } },
      ],
    }
    const { absent, metrics } = compare(pairRecords([a], [b])).records[0]!
    assert.isEmpty(metrics)
    assert.deepStrictEqual(
      absent.map(({ metric }) => metric),
      ["ttft", "tpot", "e2e"],
    )
    assert.include(absent[0]!.reason, 'is now "another"')
    assert.strictEqual(absent[1]!.reason, "b does not have it")
    assert.strictEqual(absent[2]!.reason, "no chunk")
  })

  it("leaves trials without a value out", () => {
    const [, ...rest] = around(100)
    const { metrics } = compare(
      pairRecords([record("a", { ttft: [null, ...rest] })], [record("b", { ttft: around(100) })]),
    ).records[0]!
    assert.deepStrictEqual([metrics[0]!.a.n, metrics[0]!.b.n], [9, 10])
  })

  it("refuses what is unlike, with a sentence, unless crossing is requested", () => {
    const a = record("a", SPEEDS)
    const elsewhere = record("b", SPEEDS, { host: { fingerprint: "host-2" } })
    const { records, refused } = compare(pairRecords([a], [elsewhere]))
    assert.isEmpty(records)
    assert.deepStrictEqual(refused, [
      { a: "a", b: "b", reasons: [{ across: "host", detail: "they ran on different hosts, host-1 and host-2" }] },
    ])
    const crossed = compare(pairRecords([a], [elsewhere]), { across: ["host"] })
    assert.isEmpty(crossed.refused)
    assert.include(crossed.records[0]!.caveats[0], "different hosts")
    const others = [
      record("b", SPEEDS, { prompts: { sha256: "b" } }),
      record("b", SPEEDS, { reference: { sha256: "b", quantization: "F16", bitsPerWeight: 16 } }),
      record("b", SPEEDS, { scenario: { kind: "latency", prompts: "fake-prompts", requests: 9, outputTokens: 32 } }),
      record("b", SPEEDS, { verdict: verdictOf([reason("failed", "it did")]) }),
    ]
    assert.deepStrictEqual(
      others.map((b) => compare(pairRecords([a], [b])).refused[0]?.reasons.map(({ across }) => across)),
      [["workload"], ["workload"], ["workload"], ["verdict"]],
    )
    const embedding = record("b", SPEEDS, { task: "embed" })
    assert.notProperty(compare(pairRecords([a], [embedding])).refused[0]!.reasons[0], "across")
    const every = compare(pairRecords([a], [embedding]), { across: ["host", "workload", "verdict"] })
    assert.strictEqual(every.refused.length, 1)
  })

  it("refuses documents that were cut unlike, and names the limits", () => {
    const cut = (id: string, truncation?: Truncation) => ({
      ...record(id, { docs_per_s: around(100) }, { task: "embed" }),
      ...(truncation === undefined ? {} : { truncation }),
    })
    const to = (maxLength: number) => ({ documents: 8, of: 8, tokens: 800 - 8 * maxLength, ofTokens: 800, maxLength })
    const whole = { documents: 0, of: 8, tokens: 0 }
    const why = (a: Comparable, b: Comparable) =>
      compare(pairRecords([a], [b])).refused.flatMap(({ reasons }) => reasons.map(({ detail }) => detail))
    assert.deepStrictEqual(why(cut("a", to(16)), cut("b", whole)), [
      "the documents of a were truncated to 16 tokens (maxLength), which dropped 84 % of their tokens; those of b were not truncated",
    ])
    assert.match(why(cut("a", to(16)), cut("b", to(64)))[0]!, /16 tokens.*64 tokens/)
    assert.match(why(cut("a"), cut("b", to(64)))[0]!, /of a were not checked; those of b were truncated to 64 tokens/)
    for (const [a, b] of [
      [whole, undefined],
      [to(16), to(16)],
      [{ unknown: "the server does not say" }, whole],
    ] as const)
      assert.deepStrictEqual(why(cut("a", a), cut("b", b)), [])
    // Runs of a server that tells no limit cut alike where a document lost as much.
    const lost = (of: number) => ({ of, tokens: 50 * of, atLeast: true as const })
    assert.deepStrictEqual(why(cut("a", lost(8)), cut("b", lost(16))), [])
    const crossed = compare(pairRecords([cut("a", to(16))], [cut("b", whole)]), { across: ["workload"] })
    assert.include(crossed.records[0]!.caveats[0], "maxLength")
  })

  it("reports suspect records", () => {
    const b = record("b", SPEEDS, { verdict: verdictOf([reason("noisy", "TTFT varies by 15 %")]) })
    const { caveats } = compare(pairRecords([record("a", SPEEDS)], [b])).records[0]!
    assert.deepStrictEqual(caveats, ["b is suspect: TTFT varies by 15 %"])
  })
})

describe("pairRecords", () => {
  const batch = (documents: number) => ({ kind: "batch" as const, prompts: "en", documents, batchSize: 8 })
  const of = (id: string, config: string, documents: number) =>
    record(id, SPEEDS, { config: { id: config }, scenario: batch(documents) })
  const names = ({ onlyInA, onlyInB, pairs }: ReturnType<typeof pairRecords>) => ({
    pairs: pairs.map(([a, b]) => `${a.id}:${b.id}`),
    onlyInA: onlyInA.map(({ id }) => id),
    onlyInB: onlyInB.map(({ id }) => id),
  })

  it("pairs the same cells first, then the same scenarios of another model", () => {
    const a = [of("a8", "q4", 8), of("a16", "q4", 16)]
    assert.deepStrictEqual(names(pairRecords(a, [of("b16", "q8", 16), of("b8", "q8", 8), of("b32", "q8", 32)])), {
      pairs: ["a8:b8", "a16:b16"],
      onlyInA: [],
      onlyInB: ["b32"],
    })
    const both = [of("x", "q8", 8), of("y", "q4", 8)]
    assert.deepStrictEqual(names(pairRecords(a, both)).pairs, ["a8:y"])
  })

  it("compares a model of a registry with itself only", () => {
    const result = pairRecords([of("a", "q4", 8)], [of("b", "q8", 8)], { sameModel: true })
    assert.deepStrictEqual(names(result), { pairs: [], onlyInA: ["a"], onlyInB: ["b"] })
  })

  it("does not guess between two", () => {
    const result = pairRecords([of("a", "q4", 8)], [of("b1", "q5", 8), of("b2", "q6", 8)])
    assert.deepStrictEqual(names(result), { pairs: [], onlyInA: ["a"], onlyInB: ["b1", "b2"] })
  })

  it("takes two single records as they are", () => {
    assert.deepStrictEqual(names(pairRecords([of("a", "q4", 8)], [of("b", "q8", 16)])).pairs, ["a:b"])
  })
})

describe("gate", () => {
  const a = record("a", SPEEDS)
  const gated = (b: ReturnType<typeof record>) => gate(compare(pairRecords([a], [b])))

  it("opens when nothing got worse, and closes when something did", () => {
    assert.deepStrictEqual(gated(record("b", SPEEDS)), { status: "passed", reasons: [] })
    assert.strictEqual(gated(record("b", { ...SPEEDS, ttft: around(80) })).status, "passed")
    assert.deepStrictEqual(gated(record("b", { ...SPEEDS, tpot: around(30) })), {
      status: "regression",
      reasons: ["Time per output token of b got worse"],
    })
  })

  it("does not believe suspect records, unless requested", () => {
    const suspect = record(
      "b",
      { ...SPEEDS, tpot: around(30) },
      { verdict: verdictOf([reason("busy-host", "it was")]) },
    )
    assert.deepStrictEqual(gated(suspect), {
      status: "unknown",
      reasons: [
        "Time per output token of b got worse, but a record is suspect",
        "a or b is suspect; measure again, or accept it with --across verdict",
      ],
    })
    const reported = gate(compare(pairRecords([a], [suspect]), { across: ["verdict"] }))
    assert.deepStrictEqual(reported, { status: "regression", reasons: ["Time per output token of b got worse"] })
  })

  it("stays shut where a figure that was there has gone", () => {
    const { values, ...rest } = record("b", { ...SPEEDS, ttft: around(80) })
    const lost = values.map((value) =>
      value.metric === "tpot" ? { ...value, result: { absent: "chunks carried other tokens" } } : value,
    )
    assert.deepStrictEqual(gated({ ...rest, values: lost }), {
      status: "unknown",
      reasons: ["Time per output token of b is missing: chunks carried other tokens"],
    })
  })

  it("stays shut when nobody knows", () => {
    assert.strictEqual(gate(compare(pairRecords([a], []))).status, "unknown")
    assert.strictEqual(gate(compare(pairRecords([], []))).status, "unknown")
    assert.strictEqual(gated(record("b", SPEEDS, { host: { fingerprint: "host-2" } })).status, "unknown")
    assert.strictEqual(gated(record("b", {})).status, "unknown")
    assert.strictEqual(
      gate(compare(pairRecords([a], [a, record("new", SPEEDS, { backend: "vllm" })]))).status,
      "passed",
    )
  })
})
