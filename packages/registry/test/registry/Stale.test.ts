import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "@rigbook/core"
import { CPU, Device, DeviceId, Host } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { fakeRecord } from "../../../records/test/fakes/records.ts"
import { staleOf } from "../../src/registry/Stale.ts"

const runtime = (version: string, changes: Partial<ConstructorParameters<typeof Runtime>[0]> = {}) => ({
  runtime: new Runtime({
    program: "engine",
    version,
    origin: "setup",
    path: `/opt/${version}`,
    libraries: {},
    ...changes,
  }),
})
const GPU = DeviceId.make("GPU-1")
const withDriver = (driver: string, placed = GPU) => ({
  placement: new Placement({ strategy: "single", devices: [placed] }),
  host: new Host({
    fingerprint: "rig",
    cpu: { model: "Processor", logicalCores: 8 },
    memoryBytes: 2 ** 34,
    os: "Linux",
    kernel: "6.8",
    devices: [
      new Device({ id: CPU, kind: "cpu", name: "Processor" }),
      new Device({ id: GPU, kind: "gpu", name: "GPU", index: 0, driver }),
    ],
  }),
})

const staleIds = (records: Parameters<typeof staleOf>[0]) => [...staleOf(records).keys()].map((id) => id.split("-")[0])

describe("staleOf", () => {
  it("marks runs of an engine whose version is no longer the host's, and says what came after", () => {
    const records = [fakeRecord(1, runtime("1.0")), fakeRecord(2, runtime("2.0")), fakeRecord(3, runtime("2.0"))]
    assert.deepStrictEqual(
      [...staleOf(records).values()],
      [["engine 1.0; the host has 2.0 by the record of 2026-01-01"]],
    )
    assert.deepStrictEqual(staleIds(records), ["1"])
  })

  it("goes by the latest record, so going back to an old version makes its figures current again", () =>
    assert.deepStrictEqual(
      staleIds([fakeRecord(1, runtime("1.0")), fakeRecord(2, runtime("2.0")), fakeRecord(3, runtime("1.0"))]),
      ["2"],
    ))

  it("counts what an engine runs on", () =>
    assert.deepStrictEqual(
      [
        ...staleOf([
          fakeRecord(1, runtime("1.0", { libraries: { torch: "2.12" } })),
          fakeRecord(2, runtime("1.0", { libraries: { torch: "2.13" } })),
        ]).values(),
      ],
      [["torch 2.12; the host has 2.13 by the record of 2026-01-01"]],
    ))

  it("takes two builds that configs name for two engines", () =>
    assert.deepStrictEqual(
      staleIds([
        fakeRecord(1, runtime("1.0", { origin: "named" })),
        fakeRecord(2, runtime("2.0", { origin: "named" })),
        fakeRecord(3, runtime("3.0")),
      ]),
      [],
    ))

  it("says nothing of another host", () =>
    assert.deepStrictEqual(
      staleIds([fakeRecord(1, runtime("1.0")), fakeRecord(2, { ...runtime("2.0"), ...withDriver("580") })]),
      [],
    ))

  it("marks runs on a GPU whose driver changed, and not those beside it", () =>
    assert.deepStrictEqual(
      staleIds([
        fakeRecord(1, withDriver("570")),
        fakeRecord(2, withDriver("570", CPU)),
        fakeRecord(3, withDriver("580")),
      ]),
      ["1"],
    ))

  const Keys = Schema.Tuple([1, 2, 3, 4].map(() => Schema.Int))
  it.effect.prop("does not depend on the order of the records", { keys: Keys }, ({ keys }) =>
    Effect.sync(() => {
      const records = [
        fakeRecord(1, runtime("1.0")),
        fakeRecord(2, runtime("2.0")),
        fakeRecord(2, { ...runtime("3.0"), backend: "another" }),
        fakeRecord(3, withDriver("570")),
      ]
      const shuffled = records.map((record, index) => ({ record, key: keys[index]! })).toSorted((a, b) => a.key - b.key)
      const sorted = (of: ReturnType<typeof staleOf>) => [...of].toSorted(([a], [b]) => (a < b ? -1 : 1))
      assert.deepStrictEqual(sorted(staleOf(shuffled.map(({ record }) => record))), sorted(staleOf(records)))
    }),
  )
})
