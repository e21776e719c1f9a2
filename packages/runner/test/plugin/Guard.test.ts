import { assert, describe, it } from "@effect/vitest"
import { type AnyBackend, type BackendError, type Metric, PluginError, type Reporter } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { fakeBackend, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { guardBackend } from "../../src/plugin/GuardBackend.ts"
import { guardMetric, guardReporter } from "../../src/plugin/GuardParts.ts"
import { membersOf } from "../../src/plugin/Members.ts"

const broken = (): never => {
  throw new Error("on purpose")
}
const guarded = (more: Partial<AnyBackend>): AnyBackend =>
  guardBackend("odd", { ...(fakeBackend() as AnyBackend), ...more }, 20)

const messageOf = (effect: Effect.Effect<unknown, BackendError>) => Effect.map(Effect.flip(effect), (e) => e.message)
const defectOf = (effect: Effect.Effect<unknown, unknown>) =>
  effect.pipe(
    Effect.as(undefined),
    Effect.catchDefect((defect) => Effect.succeed(defect)),
    Effect.map((defect) => (defect instanceof PluginError ? defect.message : String(defect))),
  )

describe("a plugin's backend", () => {
  it.live("fails as any backend where its code throws, fails with anything else, or waits forever", () =>
    Effect.gen(function* () {
      const runtime = fakeRuntime()
      for (const probe of [broken, () => Effect.die(new Error("on purpose")), () => Effect.fail("on purpose" as never)])
        assert.strictEqual(
          yield* messageOf(guarded({ probe }).probe({})),
          "fake: Plugin odd: its probe threw an error: on purpose. Report it to its author.",
        )
      assert.include(
        yield* messageOf(guarded({ probe: () => Effect.never }).probe({})),
        "Plugin odd: its probe did not end within 0.02 s.",
      )
      for (const headersOnly of [true, undefined])
        assert.include(
          yield* messageOf(
            guarded({ inspect: () => Effect.never }).inspect({ path: "x", ...(headersOnly ? { headersOnly } : {}) }),
          ),
          "its inspect did not end within",
        )
      const files = { prepare: broken, prepared: () => Effect.never }
      assert.include(yield* messageOf(guarded({ files }).files!.prepare({ path: "x" }, runtime)), "its prepare threw")
      assert.include(
        yield* messageOf(guarded({ files }).files!.prepared!({ path: "x" }, runtime)),
        "its prepared did not end",
      )
    }),
  )

  it.live("may wait in a probe as long as it is allowed to, and in what asks a server no longer than in others", () =>
    Effect.gen(function* () {
      const runtime = fakeRuntime()
      const probe = () => Effect.as(Effect.sleep(60), runtime)
      assert.include(yield* messageOf(guarded({ probe }).probe({})), "did not end within 0.02 s.")
      assert.strictEqual(yield* guarded({ probe }).probe({}, { waitMs: 30_000 }), runtime)
      assert.include(
        yield* messageOf(guarded({ served: () => Effect.never }).served!({})),
        "its served did not end within 0.02 s.",
      )
    }),
  )

  it.live("names the plugin in defects of members that can't fail", () =>
    Effect.gen(function* () {
      const { machine, memory, placement } = guarded({
        machine: { check: () => Effect.never, setup: Effect.die("on purpose") },
        memory: { demand: broken },
        placement: { strategies: [{ id: "odd", place: broken }] },
      })
      assert.include(yield* defectOf(machine!.check!({})), "Plugin odd: its check did not end within 0.02 s.")
      assert.include(yield* defectOf(machine!.setup!), "Plugin odd: its setup threw an error: on purpose.")
      assert.throws(() => memory!.demand!({} as never, {}, {} as never), PluginError, "its demand threw")
      assert.throws(() => placement!.strategies![0]!.place({} as never), PluginError, "its place threw")
    }),
  )

  it("has its members read once; methods of a class keep their object", () => {
    let reads = 0
    class Engine {
      readonly #secret = "kept"
      get id(): string {
        return `e${++reads}`
      }
      probe(): string {
        return this.#secret
      }
      readonly config = Schema.Struct({})
      readonly memory = { demand: () => this.#secret }
    }
    const engine = new Engine()
    const members = membersOf(engine)
    assert.deepStrictEqual([members["id"], members["id"], reads], ["e1", "e1", 1])
    assert.strictEqual((members["probe"] as () => string)(), "kept")
    assert.strictEqual(members["config"], engine.config)
    assert.throws(() =>
      membersOf({
        memory: {
          get demand() {
            return broken()
          },
        },
      }),
    )
  })
})

describe("a plugin's metric and reporter", () => {
  it("a metric that throws, or gives no figure, has none", () => {
    const measured = (measure: () => unknown) =>
      guardMetric("odd", { measure } as unknown as Metric).measure({} as never)
    assert.deepStrictEqual(
      measured(() => ({ value: 2 })),
      { value: 2 },
    )
    assert.deepStrictEqual(measured(broken), { absent: "the plugin odd threw an error: on purpose" })
    for (const wrong of [{ value: NaN }, undefined, 3])
      assert.deepStrictEqual(
        measured(() => wrong),
        { absent: "the plugin odd gave neither a figure nor a reason" },
      )
  })

  it("a reporter's errors are its plugin's, also those of its parts and pages", () => {
    const of = (more: Partial<Reporter>) =>
      guardReporter("odd", { id: "odd", extension: "txt", registry: () => "whole", report: broken, ...more })
    const failure = "Plugin odd: its reporter odd threw an error: on purpose."
    assert.strictEqual(of({}).registry({} as never), "whole")
    assert.throws(() => of({}).report([]), PluginError, failure)
    for (const registry of [() => undefined, () => ({ text: "x" })])
      assert.throws(
        () => of({ registry: registry as never }).registry({} as never),
        PluginError,
        "neither a text nor bytes",
      )
    const parts = function* () {
      yield "one"
      broken()
    }
    assert.throws(() => of({ registryParts: parts }).registryParts!({} as never), PluginError, failure)
    const pages = of({ registryPages: () => [{ name: "a.md", parts }] }).registryPages!({} as never)
    assert.throws(() => [...pages][0]!.parts(), PluginError, failure)
    assert.throws(() => of({ registryPages: broken }).registryPages!({} as never), PluginError, failure)
  })
})
