import { assert, describe, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Schema, Scope } from "effect"
import { asyncBackend, type AsyncSession } from "../src/AsyncBackend.ts"
import { cleanBackend } from "../src/CleanBackend.ts"
import type { ServedModel } from "../src/model/ServedModel.ts"
import { Effective, Runtime } from "../src/runtime/Runtime.ts"

const runtime = new Runtime({ program: "x", version: "1", origin: "named", path: "/x", libraries: {} })

/** A session as a class, whose members need it. */
class OwnSession implements AsyncSession {
  closed = 0
  get effective() {
    return new Effective({ devices: [], settings: {}, buffers: [] })
  }
  get pids() {
    return [7]
  }
  async send() {
    return { inputTokens: this.pids[0]! }
  }
  async identify() {
    return { program: { pid: `${this.pids[0]}` }, process: {} }
  }
  async close() {
    this.closed++
  }
}

describe("a backend in promises", () => {
  it.live("hands on how long a probe may wait, and every member of a machine", () =>
    Effect.gen(function* () {
      const waits: Array<number | undefined> = []
      const { machine, probe, served } = asyncBackend({
        id: "x",
        description: "Of a test",
        tasks: ["generate"],
        config: Schema.Struct({ pace: Schema.String }),
        probe: async (_, { waitMs }) => (waits.push(waitMs), runtime),
        inspect: () => Promise.reject(new Error("none")),
        open: async () => new OwnSession(),
        served: async ({ pace }) => ({ architecture: pace }) as unknown as ServedModel,
        machine: { check: async () => [], servers: () => Effect.succeed([]) },
      })
      yield* probe({ pace: "slow" }, { waitMs: 7 })
      assert.deepStrictEqual(waits, [7])
      assert.strictEqual((yield* served!({ pace: "slow" })).architecture, "slow")
      assert.containsAllKeys(machine, ["check", "servers"])
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.live("may have sessions of a class, also where what they say is cleaned", () =>
    Effect.gen(function* () {
      const made = new OwnSession()
      const backend = asyncBackend({
        id: "x",
        description: "Of a test",
        tasks: ["generate"],
        config: Schema.Struct({}),
        probe: async () => runtime,
        inspect: () => Promise.reject(new Error("none")),
        open: async () => made,
      })
      const scope = yield* Scope.make()
      const session = yield* Scope.provide(cleanBackend(backend).open({} as never), scope)
      assert.deepStrictEqual(session.pids, [7])
      assert.deepStrictEqual(yield* session.send({} as never, {} as never), { inputTokens: 7 })
      assert.deepStrictEqual(yield* session.identify!, { program: { pid: "7" }, process: {} })
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(made.closed, 1)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
