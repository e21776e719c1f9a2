import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { serverBackend } from "../../../src/engine/server/ServerBackend.ts"
import type { OpenInput } from "../../../src/index.ts"

it.effect("a backend of a server refuses a task that it does not declare, whatever its server can do", () =>
  Effect.gen(function* () {
    const { open } = serverBackend({
      id: "x",
      description: "Of a test",
      tasks: ["generate"],
      config: Schema.Struct({}),
      probe: () => Effect.never,
      inspect: () => Effect.never,
      server: { name: "x-server", attach: () => Effect.never, effective: () => Effect.never, body: () => ({}) },
    })
    const { reason } = yield* Effect.flip(open({ task: "embed" } as OpenInput<object>))
    assert.strictEqual(reason._tag, "Unsupported")
    assert.include(reason.fix, "generate")
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
