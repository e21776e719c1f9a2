import { assert, describe, it } from "@effect/vitest"
import {
  bytesOf,
  complete,
  Demand,
  type DemandPart,
  ModelConfig,
  type Placement,
  type Runtime,
  type ReportedDemand,
} from "@rigbook/core"
import { parseConfigFile } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { fakeBackend, fakeModel, fakeOptions, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { assemblePlan } from "../../src/plan/Assemble.ts"
import type { Facts } from "../../src/plan/Facts.ts"
import { type Known, valueOf } from "../../src/plan/Known.ts"
import { OVERHEAD, type ObservedOverhead } from "../../src/plan/Overhead.ts"
import { settle } from "../../src/plan/Settle.ts"

const GIB = 2 ** 30
const part = (name: string, bytes: number): DemandPart => ({
  name,
  bytes,
  basis: "exact",
  formula: "given by the test",
})
const parts = (bytes: number) => [part("all", bytes), part(OVERHEAD, 0)]
const config = Schema.decodeUnknownSync(ModelConfig)({
  name: "Model",
  task: "generate",
  source: { path: "m.gguf" },
  backends: { fake: {} },
  scenarios: [{ kind: "latency", prompts: "fake-prompts", requests: 1 }],
})

interface Given {
  /** What the tool says of a device, by its id: bytes, or that the engine can't use it; the rest is not answered. */
  readonly tool?: Readonly<Record<string, number | string>>
  readonly runtime?: Known<Runtime>
  readonly overheads?: ReadonlyArray<ObservedOverhead>
}

/** Two GPUs, the first with more free memory, and a model of one GiB by our formula. */
const placing = Effect.fnUntraced(function* ({ overheads = [], runtime = { value: fakeRuntime() }, tool }: Given) {
  const requested: Array<string> = []
  const ask = ({ placement: { devices } }: { readonly placement: Placement }): Effect.Effect<ReportedDemand> =>
    Effect.sync(() => {
      const [device] = devices
      requested.push(device)
      const answer = tool?.[device]
      if (answer === undefined) return { absent: "the tool was not made for it" }
      return typeof answer === "string"
        ? { refused: answer }
        : { by: "a tool 1.0", demand: [{ device, parts: parts(answer) }] }
    })
  const demand = () => new Demand({ parts: parts(GIB) })
  const backend = complete({ ...fakeBackend(), memory: { demand, ...(tool === undefined ? {} : { ask }) } })
  const host = fakeHost([4 * GIB, 2 * GIB])
  const facts: Facts = {
    reach: "here",
    id: "one",
    path: "models/configs/one.yaml",
    file: parseConfigFile("name: Model\n", "models/configs/one.yaml"),
    config,
    prompts: new Map([[0, fakePrompts]]),
    engines: [
      {
        backend,
        options: fakeOptions({}),
        host,
        runtime,
        unusable: [],
        model: fakeModel(),
        files: { value: { path: "m.gguf" } },
        answers: new Map(),
      },
    ],
    overheads,
    rates: new Map(),
    speeds: new Map(),
    records: [],
    issues: [],
    missing: [],
  }
  const { cells, unplaced } = assemblePlan(yield* settle(facts))
  const { demand: byDevice, demandSource, placement, refused } = cells[0]!
  return {
    requested,
    source: demandSource,
    on: valueOf(placement)?.devices.map(String),
    bytes: byDevice.map((each) => bytesOf(each.parts)),
    refused: refused.map(({ reason, strategy }) => `${strategy}: ${reason}`),
    unplaced: unplaced.map(({ message }) => message),
  }
})

describe("settle", () => {
  it.effect("places by formulas where there is no tool, no engine, or no answer, and says why", () =>
    Effect.gen(function* () {
      const none = yield* placing({})
      assert.deepStrictEqual([none.on, none.bytes], [[gpuId(0)], [GIB]])
      assert.deepStrictEqual(none.source, { absent: "fake has no such tool" })
      const missing = yield* placing({ tool: {}, runtime: { absent: "it is not installed" } })
      assert.deepStrictEqual([missing.requested, missing.source], [[], { absent: "it is not installed" }])
      const mute = yield* placing({ tool: {} })
      assert.deepStrictEqual([mute.requested, mute.on, mute.bytes], [[gpuId(0)], [gpuId(0)], [GIB]])
      assert.deepStrictEqual(mute.source, { absent: "the tool was not made for it" })
    }),
  )

  it.effect("takes the tool's figures for the placement that is chosen", () =>
    Effect.gen(function* () {
      const { requested, bytes, on, source } = yield* placing({ tool: { [gpuId(0)]: 3 * GIB } })
      assert.deepStrictEqual([requested, on, bytes], [[gpuId(0)], [gpuId(0)], [3 * GIB]])
      assert.deepStrictEqual(source, { by: "a tool 1.0" })
    }),
  )

  it.effect("chooses another placement where the tool says that the first does not fit, asking about each once", () =>
    Effect.gen(function* () {
      const next = yield* placing({ tool: { [gpuId(0)]: 5 * GIB, [gpuId(1)]: GIB } })
      assert.deepStrictEqual([next.requested, next.on], [[gpuId(0), gpuId(1)], [gpuId(1)]])
      const nowhere = yield* placing({ tool: { [gpuId(0)]: 5 * GIB, [gpuId(1)]: 5 * GIB, cpu: 50 * GIB } })
      assert.deepStrictEqual(
        [nowhere.requested, nowhere.on, nowhere.bytes],
        [[gpuId(0), gpuId(1), "cpu"], undefined, []],
      )
      assert.match(nowhere.unplaced.join(), /^no placement is possible: single: needs 5\.00 GiB/)
    }),
  )

  it.effect("chooses another placement where the engine can't use the first, and says why", () =>
    Effect.gen(function* () {
      const next = yield* placing({ tool: { [gpuId(0)]: "it finds no GPU 0", [gpuId(1)]: GIB } })
      assert.deepStrictEqual([next.on, next.refused, next.unplaced], [[gpuId(1)], ["single: it finds no GPU 0"], []])
      const cpu = yield* placing({ tool: { [gpuId(0)]: "it finds no GPU 0", [gpuId(1)]: "it finds no GPU 1" } })
      assert.deepStrictEqual([cpu.requested, cpu.on], [[gpuId(0), gpuId(1), "cpu"], ["cpu"]])
      assert.deepStrictEqual(cpu.refused, ["single: it finds no GPU 0"])
      const none = yield* placing({
        tool: { [gpuId(0)]: "it finds no GPU 0.", [gpuId(1)]: "it finds no GPU 1.", cpu: 50 * GIB },
      })
      assert.match(none.unplaced.join(), /^no placement is possible: single: it finds no GPU 0; cpu: needs 50\.00 GiB/)
    }),
  )

  it.effect("puts what is learned over formulas and over the tool's figures, before it is placed", () =>
    Effect.gen(function* () {
      const learned = (device: string): ObservedOverhead => ({
        record: "r",
        engine: "fake fake-engine 1.0 tensors 2.0",
        device: `${device}: single of 1, degree 1`,
        model: "of another kind",
        bytes: 3 * GIB,
      })
      const overheads = [learned("Fake GPU 0, 1.0"), learned("Fake GPU 1, 1.0")]
      const { bytes, on } = yield* placing({ tool: { [gpuId(0)]: GIB }, overheads })
      assert.deepStrictEqual([on, bytes], [[gpuId(0)], [4 * GIB]])
      const { on: elsewhere } = yield* placing({ tool: { [gpuId(0)]: GIB + 1, cpu: GIB }, overheads })
      assert.deepStrictEqual(elsewhere, ["cpu"])
    }),
  )
})
