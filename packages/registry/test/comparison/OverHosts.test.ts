import { assert, describe, it } from "@effect/vitest"
import { DeviceId, Host, Placement, Runtime } from "@rigbook/core"
import { fromOrigin } from "@rigbook/records"
import { fakeRecord } from "../../../records/test/fakes/records.ts"
import { fakeGpu, fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { compare } from "../../src/comparison/Compare.ts"
import { overHosts } from "../../src/comparison/OverHosts.ts"
import { hostsDetail } from "../../src/comparison/Unlike.ts"
import { equivalencesOf } from "../../src/registry/Equivalence.ts"
import { makeRegistry } from "../../src/registry/Registry.ts"

const GIB = 2 ** 30

/** A run on one GPU, which has another id on each host. */
const onCard = (second: number, name: string, { id = "GPU-a", driver = "550.54", program = "b1" } = {}) => {
  const gpu = Object.assign(Object.create(Object.getPrototypeOf(fakeGpu(0, GIB))), fakeGpu(0, 20 * GIB, name), {
    id: DeviceId.make(id),
    driver,
  })
  const { cpu, devices, kernel, memoryBytes, os } = fakeHost()
  const host = new Host({ cpu, devices: [devices[0], gpu], fingerprint: "f1", kernel, memoryBytes, os })
  return fakeRecord(second, {
    host,
    placement: new Placement({ strategy: "single", devices: [gpu.id] }),
    runtime: new Runtime({ program: "fake", version: program, origin: "path", path: "fake", libraries: {} }),
  })
}

const mine = onCard(1, "RTX 3090")
const hers = fromOrigin(onCard(2, "RTX 4090", { id: "GPU-b", driver: "560.35", program: "b2" }), "alice")
const his = fromOrigin(onCard(3, "RTX 3090", { id: "GPU-c" }), "bob")

describe("overHosts", () => {
  it("sets one model on this workspace's host beside each other host, whatever its cards are called", () => {
    const { onlyInA, onlyInB, pairs } = overHosts([hers, his, mine])
    assert.deepStrictEqual(
      pairs.map((pair) => pair.map(({ id }) => id)),
      [
        [mine.id, hers.id],
        [mine.id, his.id],
      ],
    )
    assert.deepStrictEqual([onlyInA, onlyInB], [[], []])
  })

  it("compares two machines whose fingerprints are the same as two", () => {
    assert.lengthOf(overHosts([hers, his]).pairs, 1)
  })

  it("does not pair models of one name that are other files", () => {
    const model = Object.assign(Object.create(Object.getPrototypeOf(his.cell.model)), his.cell.model, {
      sha256: "9".repeat(64),
    })
    const other = fromOrigin(fakeRecord(4, { host: his.cell.host, placement: his.cell.placement, model }), "carol")
    assert.deepStrictEqual(overHosts([mine, other]).pairs, [])
    assert.deepStrictEqual(overHosts([mine, other]).onlyInB, [other])
  })
})

describe("hostsDetail", () => {
  it("names card, driver, power limit and engine of both sides, and only what differs", () => {
    const [a, b] = [Object.assign({}, mine, { powerCapsW: [350] }), Object.assign({}, hers, { powerCapsW: [300.4] })]
    const detail = hostsDetail(a, b)
    for (const part of [
      "f1 and alice/f1",
      "card: RTX 3090 against RTX 4090",
      "driver: 550.54 against 560.35",
      "power limit: 350 W against 300 W",
      "engine: fake, fake b1 against fake, fake b2",
    ])
      assert.include(detail, part)
    assert.notInclude(detail, "processor")
    assert.include(hostsDetail(mine, his), "machines of one kind")
    assert.include(hostsDetail(a, hers), "power limit: 350 W against unknown")
  })

  it("is what a comparison that is refused says, and one that is wanted", () => {
    const pairing = overHosts([mine, hers])
    assert.include(compare(pairing).refused[0]!.reasons[0]!.detail, "card: RTX 3090 against RTX 4090")
    assert.include(compare(pairing, { across: ["host"] }).records[0]!.caveats.join(), "driver: 550.54 against 560.35")
  })
})

describe("a registry of several origins", () => {
  it("has a row of each, though their fingerprints are the same", () => {
    const { entries } = makeRegistry([mine, hers, his], [])
    assert.lengthOf(entries, 1)
    assert.sameMembers(
      entries[0]!.records.map(({ cell }) => cell.host.fingerprint),
      ["f1", "alice/f1", "bob/f1"],
    )
  })

  it("lets nobody else's answers make a run of this workspace suspect, and measures none of its plans", () => {
    assert.deepStrictEqual(equivalencesOf([mine, hers, his]), [])
    const { id, name } = hers.cell.config
    const configs = [{ id, name, planned: { priority: "high" as const, use: "chat", strategy: "one card" } }]
    assert.strictEqual(
      makeRegistry([hers], [], { configs: configs as never }).nextSteps[0]!.because,
      "not measured yet",
    )
  })
})
