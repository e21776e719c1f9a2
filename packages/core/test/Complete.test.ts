import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fakeBackend, fakeModel, fakeOptions } from "../../testkit/src/FakeBackend.ts"
import { scenario } from "../../testkit/src/FakeCell.ts"
import { fakeHost } from "../../testkit/src/FakeHosts.ts"
import type { Backend, OpenInput } from "../src/Backend.ts"
import { complete } from "../src/Complete.ts"
import { CPU } from "../src/host/Host.ts"
import { Demand } from "../src/placement/Demand.ts"
import { cpu, Placement, single } from "../src/placement/Placement.ts"

const { config, description, id, inspect, open, probe, tasks } = fakeBackend()
/** A backend of what has to be there, and no more. */
const least: Backend<ReturnType<typeof fakeOptions>> = { config, description, id, inspect, open, probe, tasks }

const options = fakeOptions({})
const latency = scenario({ kind: "latency", prompts: "p", requests: 1, outputTokens: 4 })
const onCpu = new Placement({ strategy: "cpu", devices: [CPU] })

describe("complete", () => {
  it.effect("fills in what a backend leaves out", () =>
    Effect.gen(function* () {
      const whole = complete(least)
      const { parts } = whole.demand(fakeModel(), options, latency)
      assert.deepStrictEqual(
        parts.map(({ bytes, name }) => [name, bytes]),
        [["weights", 4000]],
      )
      const input = { model: fakeModel(), config: options, scenario: latency, host: fakeHost(), placement: onCpu }
      assert.deepStrictEqual(whole.demandOf(input), [{ device: CPU, parts }])
      assert.deepStrictEqual(whole.strategies, [single, cpu])
      assert.deepStrictEqual([whole.devices(options), whole.requested(options, onCpu)], [[], {}])
      assert.deepStrictEqual(yield* whole.check(options), [])
      assert.isFalse(whole.quantizes)
      for (const name of ["askDemand", "withContext", "layout", "prepare", "setup"]) assert.notProperty(whole, name)
    }),
  )

  it("keeps what a backend gives, and lays its own demand on each device", () => {
    const demand = () => new Demand({ parts: [{ name: "all", bytes: 7, basis: "exact", formula: "7" }] })
    const ask = () => Effect.succeed({ absent: "no tool" })
    const given = complete({
      ...least,
      memory: { demand, ask },
      placement: { strategies: [cpu], layout: () => [] },
      files: { prepare: (files) => Effect.succeed(files), quantizes: true },
    })
    const input = { model: fakeModel(), config: options, scenario: latency, host: fakeHost(), placement: onCpu }
    assert.deepStrictEqual(given.demandOf(input), [{ device: CPU, parts: demand().parts }])
    assert.strictEqual(given.askDemand, ask)
    assert.deepStrictEqual(given.strategies, [cpu])
    assert.isTrue(given.quantizes)
    assert.deepStrictEqual(given.layout?.(fakeModel(), options, onCpu), [])
  })

  it.effect("refuses a task that is not declared, whatever the engine can do", () =>
    Effect.gen(function* () {
      const { open: openComplete } = complete({ ...least, tasks: ["generate"] })
      const { reason } = yield* Effect.flip(Effect.scoped(openComplete({ task: "embed" } as OpenInput<typeof options>)))
      assert.strictEqual(reason._tag, "Unsupported")
      assert.include(reason.fix, "generate")
    }),
  )

  it("changes nothing of what is complete", () => {
    const once = complete(fakeBackend())
    const { demandOf: _, ...twice } = complete(once)
    const { demandOf: __, ...first } = once
    assert.deepStrictEqual(Object.keys(twice).toSorted(), Object.keys(first).toSorted())
    assert.strictEqual(twice.demand, first.demand)
  })
})
