import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Schema, Scope } from "effect"
import type { OpenInput, ServicesOf, Session } from "../src/index.ts"
import { makeBackend, type ModelFacts, Runtime } from "../src/index.ts"

/** A service for each member, which shows whose requirements are found. */
class Probing extends Context.Service<Probing, object>()("test/Probing") {}
class Inspecting extends Context.Service<Inspecting, object>()("test/Inspecting") {}
class Opening extends Context.Service<Opening, object>()("test/Opening") {}
class Asking extends Context.Service<Asking, object>()("test/Asking") {}
class Preparing extends Context.Service<Preparing, object>()("test/Preparing") {}
class Prepared extends Context.Service<Prepared, object>()("test/Prepared") {}
class Checking extends Context.Service<Checking, object>()("test/Checking") {}
class Restricting extends Context.Service<Restricting, object>()("test/Restricting") {}
class Installing extends Context.Service<Installing, object>()("test/Installing") {}
class Building extends Context.Service<Building, object>()("test/Building") {}

const runtime = new Runtime({ program: "x", version: "1", origin: "path", path: "x", libraries: {} })
const base = {
  id: "x",
  description: "x",
  tasks: ["generate"],
  config: Schema.Struct({ pace: Schema.Finite }),
} as const
const probe = () => Effect.as(Probing, runtime)
const inspect = () => Effect.as(Inspecting, {} as ModelFacts)
const open = Effect.fnUntraced(function* ({ config }: OpenInput<{ readonly pace: number }>) {
  yield* Opening
  yield* Effect.addFinalizer(() => Effect.void)
  return { pids: [config.pace] } as unknown as Session
})

describe("makeBackend", () => {
  it("needs what its members need, each for itself", () => {
    const three = makeBackend({ ...base, probe, inspect, open })
    expectTypeOf<ServicesOf<typeof three>>().toEqualTypeOf<Probing | Inspecting | Opening>()
    const plain = makeBackend({
      ...base,
      probe: () => Effect.succeed(runtime),
      inspect: () => Effect.succeed({} as ModelFacts),
      // The parameters of a member written in place are found by `config`.
      open: ({ config }) => Effect.succeed({ pids: [config.pace] } as unknown as Session),
    })
    expectTypeOf<ServicesOf<typeof plain>>().toEqualTypeOf<never>()
    const all = makeBackend({
      ...base,
      probe,
      inspect,
      open,
      memory: { ask: ({ config }) => Effect.as(Asking, { absent: String(config.pace) }) },
      files: {
        prepare: (files) => Effect.as(Preparing, files),
        prepared: (files) => Effect.as(Prepared, files),
      },
      machine: {
        check: ({ pace }) => Effect.as(Checking, [{ path: [], message: String(pace) }]),
        unusable: () => Effect.as(Restricting, []),
        setup: Effect.as(Installing, runtime),
        builds: { cuda: Effect.as(Building, runtime) },
      },
    })
    expectTypeOf<ServicesOf<typeof all>>().toEqualTypeOf<
      Probing | Inspecting | Opening | Asking | Preparing | Prepared | Checking | Restricting | Installing | Building
    >()
    expectTypeOf<Scope.Scope>().not.toExtend<ServicesOf<typeof all>>()
    assert.strictEqual(all.id, "x")
  })

  it("refuses what no backend can be given", () => {
    // @ts-expect-error -- a probe fails with BackendError alone
    makeBackend({ ...base, inspect, open, probe: () => Effect.fail("text") })
    // @ts-expect-error -- options of another type
    makeBackend({ ...base, inspect, probe, open: (input: OpenInput<{ readonly other: string }>) => Effect.die(input) })
  })
})
