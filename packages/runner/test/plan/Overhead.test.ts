import { assert, describe, it } from "@effect/vitest"
import { Effective, Runtime } from "@rigbook/core"
import { CPU } from "@rigbook/core"
import type { DemandPart, DeviceDemand } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import type { CellSpec, RunRecord } from "@rigbook/core"
import { reason, verdictOf } from "@rigbook/core"
import { estimatesOf } from "@rigbook/records"
import { fakeModel, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import { learnedOverhead, OVERHEAD, observedOverheads } from "../../src/plan/Overhead.ts"

const MIB = 2 ** 20
const part = (name: string, mib: number, more: Partial<DemandPart> = {}): DemandPart => ({
  name,
  bytes: mib * MIB,
  basis: "formula",
  formula: "given by the test",
  ...more,
})
const parts = [
  part("weights", 100, { buffer: "model", basis: "exact" }),
  part("KV cache", 20, { buffer: "KV" }),
  part("tables", 5),
  part(OVERHEAD, 50, { basis: "heuristic" }),
  part("margin", 512, { basis: "heuristic" }),
]
const buffers = (device: string) => [
  { device, kind: "model", bytes: 101 * MIB },
  { device, kind: "KV", bytes: 20 * MIB },
]

interface Given {
  readonly observedMib: number
  readonly gpu?: boolean
  readonly cell?: Partial<CellSpec>
  readonly change?: Partial<ConstructorParameters<typeof RunRecord>[0]>
}

/** A run that held 101 MiB of weights and 20 MiB of cache in its buffers, and 5 MiB of tables as estimated. */
const ran = ({ cell, change, gpu = false, observedMib }: Given): RunRecord => {
  const device = gpu ? gpuId(0) : CPU
  const on = {
    host: fakeHost(gpu ? [2 ** 35] : []),
    placement: new Placement({ strategy: "single", devices: [device] }),
  }
  const value = { value: observedMib * MIB }
  return fakeRecord({
    cell: fakeSpec({ ...(gpu ? on : {}), ...cell }),
    requested: { devices: [device], settings: {}, demand: [{ device, parts }] },
    effective: new Effective({ devices: [device], settings: {}, buffers: buffers(device) }),
    observed: gpu
      ? {
          peakRssBytes: { value: 9 * MIB },
          devices: [{ device, engine: "here", processBytes: value, usedDeltaBytes: value, utilization: { value: 1 } }],
        }
      : { peakRssBytes: value },
    ...change,
  })
}
const demandOn = (device: DeviceDemand["device"]): ReadonlyArray<DeviceDemand> => [{ device, parts }]
const overheadIn = (demand: ReadonlyArray<DeviceDemand>) => demand[0]!.parts.find(({ name }) => name === OVERHEAD)!
const planned = (change: Partial<CellSpec> = {}) => fakeSpec(change)

describe("observedOverheads", () => {
  it("is what was observed less the engine's buffers, and less what was estimated of the rest", () => {
    assert.deepStrictEqual(
      observedOverheads([ran({ observedMib: 170 }), ran({ observedMib: 190, gpu: true })]).map(
        ({ bytes }) => bytes / MIB,
      ),
      [170 - 126, 190 - 126],
    )
  })

  it("takes estimates where the engine tells no buffers", () => {
    const silent = ran({
      observedMib: 170,
      change: { effective: new Effective({ devices: [], settings: {}, buffers: [] }) },
    })
    assert.deepStrictEqual(
      observedOverheads([silent]).map(({ bytes }) => bytes / MIB),
      [170 - 125],
    )
  })

  it("learns nothing of what is invalid, failed, disturbed, unseen, or smaller than what is known", () => {
    const judged = (code: "cache-warm" | "foreign-process") => verdictOf([reason(code, "given by the test")])
    const taught = observedOverheads([
      ran({ observedMib: 170, change: { verdict: judged("cache-warm") } }),
      ran({ observedMib: 170, change: { verdict: judged("foreign-process") } }),
      ran({ observedMib: 170, change: { observed: { peakRssBytes: { absent: "no /proc" } } } }),
      ran({ observedMib: 120 }),
      fakeRecord(),
    ])
    assert.deepStrictEqual(taught, [])
  })
})

describe("learnedOverhead", () => {
  const engine = fakeRuntime()

  it("is the 95th percentile of the records of the same engine, with what it came from", () => {
    const overheads = observedOverheads([170, 171, 172, 180].map((observedMib) => ran({ observedMib })))
    const found = overheadIn(learnedOverhead(overheads, planned(), demandOn(CPU)))
    assert.closeTo(found.bytes / MIB, 52.8, 0.01)
    assert.deepInclude(found, { basis: "learned", records: 4 })
    assert.strictEqual(
      found.formula,
      `95th percentile of 4 records of ${engine.program} ${engine.version} with this model: observed less what is known, 44 to 54 MiB; guessed 50 MiB`,
    )
    // The same records teach the same, in any order.
    assert.deepStrictEqual(overheadIn(learnedOverhead(overheads.toReversed(), planned(), demandOn(CPU))), found)
  })

  it("prefers records of this model to those of others", () => {
    const other = fakeModel({ quantization: "other" })
    const overheads = observedOverheads([ran({ observedMib: 170 }), ran({ observedMib: 300, cell: { model: other } })])
    const own = overheadIn(learnedOverhead(overheads, planned(), demandOn(CPU)))
    assert.deepStrictEqual([own.bytes, own.records], [44 * MIB, 1])
    const third = fakeModel({ quantization: "third" })
    const lent = overheadIn(learnedOverhead(overheads, planned({ model: third }), demandOn(CPU)))
    assert.strictEqual(lent.records, 2)
    assert.include(lent.formula, "with other models")
  })

  it("is lent by models about as deep, and by no others", () => {
    const deep = (layers: number, quantization: string) => ({ model: fakeModel({ layers, quantization }) })
    const lend = (of: number, to: number) =>
      overheadIn(
        learnedOverhead(
          observedOverheads([ran({ observedMib: 170, cell: deep(of, "other") })]),
          planned(deep(to, "third")),
          demandOn(CPU),
        ),
      ).basis
    assert.deepStrictEqual([lend(30, 32), lend(32, 30)], ["learned", "learned"])
    assert.deepStrictEqual([lend(2, 24), lend(6, 12)], ["heuristic", "heuristic"])
  })

  it("changes nothing where no record is of this engine's version, this kind of device, or this many processes", () => {
    const overheads = observedOverheads([ran({ observedMib: 170 }), ran({ observedMib: 190, gpu: true })])
    const { libraries, origin, path, program } = engine
    const newer = new Runtime({ libraries, origin, path, program, version: "2.0" })
    const copies = new Placement({ strategy: "cpu", devices: [CPU], degree: 2 })
    for (const change of [{ runtime: newer }, { placement: copies }])
      assert.deepStrictEqual(learnedOverhead(overheads, planned(change), demandOn(CPU)), demandOn(CPU))
    const onGpu = { host: fakeHost([2 ** 35]), placement: new Placement({ strategy: "single", devices: [gpuId(0)] }) }
    const both = [...demandOn(gpuId(0)), ...demandOn(CPU)]
    const [gpu, beside] = learnedOverhead(overheads, planned(onGpu), both)
    assert.strictEqual(overheadIn([gpu!]).bytes, 64 * MIB)
    assert.deepStrictEqual(beside, both[1])
  })
})

describe("estimatesOf", () => {
  it("puts what was observed of a whole device beside all that was estimated but the margin, with the error", () => {
    const whole = (record: RunRecord) => estimatesOf(record).at(-1)!
    assert.deepInclude(whole(ran({ observedMib: 140 })), {
      parts: ["all, by resident memory"],
      bytes: 175 * MIB,
      found: { value: 140 * MIB },
      error: { value: 0.25 },
    })
    assert.deepInclude(whole(ran({ observedMib: 350, gpu: true })), {
      parts: ["all, by memory in use"],
      error: { value: -0.5 },
    })
  })

  it("has an error only where something was found, else the reason", () => {
    const [model, cache, tables] = estimatesOf(ran({ observedMib: 140 }))
    assert.deepStrictEqual([model!.parts, cache!.error], [["weights"], { value: 0 }])
    assert.closeTo("value" in model!.error ? model!.error.value : 1, -1 / 101, 1e-12)
    assert.deepStrictEqual(tables!.error, { absent: "in none of its buffers" })
    const margin = estimatesOf(ran({ observedMib: 140 })).find(({ parts: [name] }) => name === "margin")!
    assert.deepStrictEqual(margin.error, { absent: "kept free" })
  })
})
