import { assert, describe, it } from "@effect/vitest"
import { complete, cpu, type Host, Scenario, single } from "@rigbook/core"
import { Schema } from "effect"
import { fakeBackend, fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { valueOf } from "../../src/plan/Known.ts"
import { planModel } from "../../src/plan/PlanModel.ts"

const GIB = 2 ** 30
const MIB = 2 ** 20
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })

/** A model that takes what its weights do, wherever it lies. */
const planned = (weightBytes: number, host: Host, strategies = [single, cpu]) => {
  const backend = complete({ ...fakeBackend(), memory: {}, placement: { strategies } })
  return planModel({ backend, options: {}, model: fakeModel({ weightBytes }), scenario, host })
}

const Bytes = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 * GIB }))

describe("fit", () => {
  it("is given by a GPU that is large enough", () => {
    assert.deepStrictEqual(planned(4 * GIB, fakeHost([5 * GIB])).fit, { kind: "fits" })
  })

  it("is not given by the processor where there is a GPU, and says by how much that is too small", () => {
    const { fit, placement } = planned(6 * GIB, fakeHost([5 * GIB]))
    assert.deepStrictEqual(fit, { kind: "helped", missingBytes: GIB })
    assert.deepStrictEqual(valueOf(placement)?.strategy, "cpu")
  })

  it("is given by the processor of a host without a GPU", () => {
    const host = fakeHost([])
    const free = host.devices[0].freeBytes!
    assert.deepStrictEqual(planned(free, host).fit, { kind: "fits" })
    assert.deepStrictEqual(planned(free + 1, host).fit, { kind: "too large", missingBytes: MIB })
  })

  it("is no matter of memory where a strategy refuses for another reason", () => {
    assert.deepStrictEqual(planned(GIB, fakeHost([]), [single]).fit, { kind: "refused" })
  })

  it.prop("says the least that is missing, to the MiB", { free: Bytes, need: Bytes }, ({ free, need }) => {
    const { fit } = planned(need, fakeHost([free]), [single])
    if (need <= free) return assert.deepStrictEqual(fit, { kind: "fits" })
    const missing = fit.kind === "too large" ? fit.missingBytes : 0
    assert.strictEqual(planned(need, fakeHost([free + missing]), [single]).fit.kind, "fits")
    assert.strictEqual(planned(need, fakeHost([free + missing - MIB]), [single]).fit.kind, "too large")
  })
})
