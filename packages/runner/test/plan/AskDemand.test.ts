import { assert, describe, it } from "@effect/vitest"
import { complete } from "@rigbook/core"
import { bytesOf, type DemandPart, type DeviceDemand, type ToldDemand } from "@rigbook/core"
import type { Placement } from "@rigbook/core"
import { Effect, Result } from "effect"
import { fakeBackend, fakeOptions, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { placeAsking } from "../../src/plan/AskDemand.ts"
import { resolvePlacement } from "../../src/plan/ResolvePlacement.ts"

const GIB = 2 ** 30
const part = (bytes: number, basis: DemandPart["basis"] = "exact"): DemandPart => ({
  name: "all",
  bytes,
  basis,
  formula: "given by the test",
})

interface Given {
  /** What the tool says of a device, by its id; the rest is not answered. */
  readonly tool?: Readonly<Record<string, number>>
  readonly runtime?: { readonly absent: string }
  readonly learn?: (demand: ReadonlyArray<DeviceDemand>) => ReadonlyArray<DeviceDemand>
}

/** Two GPUs, the first with more free memory, and a model of one GiB by our formula. */
const placing = Effect.fnUntraced(function* ({ learn = (demand) => demand, runtime, tool }: Given) {
  const asked: Array<string> = []
  const host = fakeHost([4 * GIB, 2 * GIB])
  const { model, scenario } = fakeSpec()
  const config = fakeOptions({ demandBytes: GIB })
  const askDemand = ({ placement }: { readonly placement: Placement }): Effect.Effect<ToldDemand> =>
    Effect.sync(() => {
      const [device] = placement.devices
      asked.push(device)
      const bytes = tool?.[device]
      return bytes === undefined
        ? { absent: "the tool was not made for it" }
        : { by: "a tool 1.0", demand: [{ device, parts: [part(bytes)] }] }
    })
  const fake = fakeBackend()
  const backend = complete({ ...fake, memory: { ...fake.memory, ...(tool === undefined ? {} : { ask: askDemand }) } })
  const demand = backend.demand(model, config, scenario)
  const found = yield* placeAsking({
    backend,
    input: { model, config, scenario, host, files: { path: "m.gguf" } },
    runtime: runtime ?? fakeRuntime(),
    learn,
    place: (demandOf) => resolvePlacement("auto", { host, model, demand, demandOf, config }, backend.strategies),
    chosen: Result.getOrUndefined,
  })
  const placement = Result.getOrUndefined(found.placed)
  return { ...found, asked, on: placement?.devices.map(String), bytes: found.demand.map(({ parts }) => bytesOf(parts)) }
})

describe("placeAsking", () => {
  it.effect("places by formulas where there is no tool, no engine, or no answer, and says why", () =>
    Effect.gen(function* () {
      const none = yield* placing({})
      assert.deepStrictEqual([none.on, none.bytes], [[gpuId(0)], [GIB]])
      assert.deepStrictEqual(none.source, { absent: "fake has no such tool" })
      const missing = yield* placing({ tool: {}, runtime: { absent: "it is not installed" } })
      assert.deepStrictEqual([missing.asked, missing.source], [[], { absent: "it is not installed" }])
      const mute = yield* placing({ tool: {} })
      assert.deepStrictEqual([mute.asked, mute.on, mute.bytes], [[gpuId(0)], [gpuId(0)], [GIB]])
      assert.deepStrictEqual(mute.source, { absent: "the tool was not made for it" })
    }),
  )

  it.effect("takes the tool's figures for the placement that is chosen", () =>
    Effect.gen(function* () {
      const { asked, bytes, on, source } = yield* placing({ tool: { [gpuId(0)]: 3 * GIB } })
      assert.deepStrictEqual([asked, on, bytes], [[gpuId(0)], [gpuId(0)], [3 * GIB]])
      assert.deepStrictEqual(source, { by: "a tool 1.0" })
    }),
  )

  it.effect("goes on to another placement where the tool says that the first does not fit, asking of each once", () =>
    Effect.gen(function* () {
      const next = yield* placing({ tool: { [gpuId(0)]: 5 * GIB, [gpuId(1)]: GIB } })
      assert.deepStrictEqual([next.asked, next.on], [[gpuId(0), gpuId(1)], [gpuId(1)]])
      const nowhere = yield* placing({ tool: { [gpuId(0)]: 5 * GIB, [gpuId(1)]: 5 * GIB, cpu: 50 * GIB } })
      assert.deepStrictEqual([nowhere.asked, nowhere.on, nowhere.bytes], [[gpuId(0), gpuId(1), "cpu"], undefined, []])
      assert.match(Result.isFailure(nowhere.placed) ? nowhere.placed.failure : "", /single: needs 5\.00 GiB/)
    }),
  )

  it.effect("puts what is learned over formulas and over the tool's figures, before it is placed", () =>
    Effect.gen(function* () {
      const more = (demand: ReadonlyArray<DeviceDemand>) =>
        demand.map(({ device, parts }) => ({ device, parts: [...parts, part(3 * GIB, "learned")] }))
      const { bytes, on } = yield* placing({ tool: { [gpuId(0)]: GIB }, learn: more })
      assert.deepStrictEqual([on, bytes], [[gpuId(0)], [4 * GIB]])
      const { on: elsewhere } = yield* placing({ tool: { [gpuId(0)]: GIB + 1, cpu: GIB }, learn: more })
      assert.deepStrictEqual(elsewhere, ["cpu"])
    }),
  )
})
