import { assert, describe, it } from "@effect/vitest"
import { complete, type ModelFacts, type RunRecord, Scenario } from "@rigbook/core"
import { Schema } from "effect"
import { fakeBackend, fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import type { RatesByName } from "../../src/host/Rates.ts"
import { valueOf } from "../../src/plan/Known.ts"
import { PUBLISHED, roofline, workOf } from "../../src/plan/Roofline.ts"
import { observedSpeeds } from "../../src/plan/ObservedSpeeds.ts"
import { decodeAt, speedOf } from "../../src/plan/Speed.ts"

const GB = 1e9
const latency = (outputTokens: number) =>
  Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p", outputTokens })
const scenario = latency(2)
/** 10 GB of weights, and 1 MB that is kept of each token. */
const FACTS = { weightBytes: 10 * GB, parameters: 5 * GB, bitsPerWeight: 16 }
const facts = fakeModel(FACTS)
const backend = complete({ ...fakeBackend(), memory: { cacheBytes: (_, __, tokens) => tokens * 1e6 } })
const spec = (change: Parameters<typeof fakeSpec>[0] = {}) => fakeSpec({ model: facts, scenario, ...change })
const rates = (bandwidth: number, flops?: number): RatesByName =>
  new Map(
    spec().host.devices.map(({ name }) => [
      name,
      { bytesPerSecond: bandwidth, ...(flops === undefined ? {} : { flops }) },
    ]),
  )

const record = (tokensPerSecond: number, change: Parameters<typeof fakeSpec>[0] = {}): RunRecord =>
  fakeRecord({
    cell: spec(change),
    values: [
      {
        metric: "decode_tps_user",
        title: "Decode speed",
        definition: "given by the test",
        unit: "tokens/s",
        better: "higher",
        result: {
          summary: { n: 1, median: tokensPerSecond, mean: tokensPerSecond, min: tokensPerSecond, max: tokensPerSecond },
          trials: [tokensPerSecond],
        },
      },
    ],
  })

const speed = (records: ReadonlyArray<RunRecord>, known: RatesByName = new Map(), model: ModelFacts = facts) => {
  const cell = spec({ model })
  const observed = observedSpeeds({ records, rates: known }, { backend })
  const writer = { ...cell, backend, options: {}, config: cell.config.id, observed, rates: known }
  return { ...speedOf(writer), at: (depth: number) => valueOf(decodeAt(writer, depth)) }
}
/** Another cell: no estimate is learned from the records of its own. */
const other = { scenario: latency(4) }

describe("the roofline", () => {
  it("is all bytes of a token over the bandwidth, more with each token before it", () => {
    const { at, decode } = speed([], rates(100 * GB))
    const { high, low, value } = valueOf(decode)!
    assert.closeTo(value, PUBLISHED.middle.share * (100 / 10.001), 1e-6)
    assert.closeTo(low / value, PUBLISHED.low.share / PUBLISHED.middle.share, 1e-9)
    assert.closeTo(high / value, PUBLISHED.high.share / PUBLISHED.middle.share, 1e-9)
    assert.closeTo(at(10_000)!.value, PUBLISHED.middle.share * (100 / 20), 1e-6)
  })

  it("has some time for each layer, however little is read", () => {
    const { decode } = speed([], rates(1e6 * GB), fakeModel({ ...FACTS, layers: 100 }))
    assert.closeTo(1 / valueOf(decode)!.value, 100 * PUBLISHED.middle.layer, 1e-4)
  })

  it("is bounded by what a device computes, too, as prompts are", () => {
    const { decode, prompt } = speed([], rates(100 * GB, 20 * GB))
    assert.closeTo(valueOf(decode)!.value, PUBLISHED.middle.share * 2, 1e-6)
    assert.deepStrictEqual(prompt, { value: 2 })
  })

  it("reads of experts those that a token goes through, and of the table of tokens one row", () => {
    const tensorBytes = { input: GB, layers: [4 * GB, 4 * GB], experts: [3 * GB, 3 * GB], output: GB, tied: false }
    const bytes = (change: Partial<ModelFacts>) => {
      const cell = spec({ model: fakeModel({ ...FACTS, ...change }) })
      return valueOf(workOf({ ...cell, backend, options: {} }, 0))?.reduce((sum, each) => sum + each.bytes, 0)
    }
    assert.closeTo(bytes({ tensorBytes })!, 9 * GB, 1)
    const mixture = { layers: 2, experts: 4, expertsUsed: 1 }
    assert.closeTo(bytes({ tensorBytes, ...mixture })!, 4.5 * GB, 1)
    assert.isUndefined(bytes(mixture))
  })

  it("is not known where a device's bandwidth is not", () => {
    const { decode } = speed([])
    assert.match("absent" in decode ? decode.absent : "", /the memory bandwidth of .+ is not known/)
    const cell = spec()
    const work = valueOf(workOf({ ...cell, backend, options: {} }, 0))!
    assert.isUndefined(roofline(work, cell.placement, new Map()))
  })
})

describe("what records teach", () => {
  it("is the share of the bandwidth that they reach, and how far one is from what the others lead to", () => {
    const records = [4, 5, 6].map((value) => record(value, other))
    const found = valueOf(speed(records, rates(100 * GB)).decode)!
    assert.deepInclude(found, { records: 3 })
    assert.closeTo(found.value, 5, 0.01)
    assert.closeTo(found.low, 4, 0.01)
    assert.closeTo(found.high, 6, 0.01)
    // 4 by 5 and 6, 5 by 4 and 6, 6 by 4 and 5: 37 %, 0 % and 25 %.
    assert.closeTo(found.error!, 0.25, 0.01)
  })

  it("is bytes a second where no data sheet is known", () => {
    const found = valueOf(speed([record(8, other)]).decode)!
    assert.closeTo(found.value, 8, 0.01)
    assert.isUndefined(found.error)
  })

  it("is not of the cell itself, which stands beside it", () => {
    const { decode, measured } = speed([record(8)])
    assert.property(decode, "absent")
    assert.deepStrictEqual(measured, { value: 8 })
  })

  it("is of this model where there are records of it, and of no other rig", () => {
    const small = fakeModel({ weightBytes: GB, parameters: GB / 2, bitsPerWeight: 16 })
    const records = [record(5, other), record(20, { ...other, model: small })]
    assert.deepInclude(valueOf(speed(records, rates(100 * GB)).decode), { records: 1 })
    const requantized = fakeModel({ ...FACTS, quantization: "other" })
    const types = [record(5, { ...other, model: requantized }), record(7, other)]
    assert.closeTo(valueOf(speed(types, rates(100 * GB)).decode)!.value, 7, 0.01)
    assert.include(valueOf(speed(types.slice(0, 1), rates(100 * GB)).decode)!.formula, "in other types")
    const elsewhere = fakeHost([2 ** 35])
    const host = elsewhere.with(elsewhere.devices.slice(1))
    const cores = { ...host.cpu, logicalCores: 512 }
    const strange = record(5, { ...other, host: Object.assign(host.with([]), { cpu: cores }) })
    assert.deepInclude(valueOf(speed([strange], rates(100 * GB)).decode), { records: 0 })
  })
})
