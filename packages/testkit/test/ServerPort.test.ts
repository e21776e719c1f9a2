import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Effective, Placement, type OpenInput } from "@rigbook/core"
import { scrubbedEnvironment, serverBackend } from "@rigbook/core/engine"
import { Effect, FileSystem, Schema } from "effect"
import { createServer } from "node:net"
import { join } from "node:path"
import { FAKE_HOSTS } from "../src/FakeHosts.ts"
import { fakeEngine, fakeModel, fakeRuntime } from "../src/index.ts"

/** Another program that takes a port, until the scope closes. */
const taken = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const other = createServer()
      other.listen(port, "127.0.0.1", () => resume(Effect.succeed(other)))
    }),
    (other) => Effect.sync(() => other.close()),
  )

/** A server whose first `collisions` ports are taken between their choice and the start; `ports` are those it was given. */
const colliding = (collisions: number, ports: Array<number>, named?: number) =>
  serverBackend({
    id: "colliding",
    description: "A server whose port somebody takes",
    tasks: ["generate"],
    config: Schema.Struct({}),
    probe: () => Effect.succeed(fakeRuntime()),
    inspect: () => Effect.succeed(fakeModel()),
    server: {
      name: "The server",
      ...(named === undefined ? {} : { port: () => named }),
      command: ({ nonce, port }) =>
        Effect.gen(function* () {
          if (ports.push(port) <= collisions) yield* taken(port)
          return { ...fakeEngine({ model: nonce, port }), env: scrubbedEnvironment([]), context: undefined }
        }),
      prove: (client, nonce) =>
        Effect.filterOrFail(client.getJson("/v1/models"), (list) => JSON.stringify(list).includes(nonce)),
      effective: () => Effect.succeed(new Effective({ devices: [CPU], settings: {}, buffers: [] })),
      body: () => ({}),
    },
  })

const inputIn = Effect.gen(function* () {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  return {
    config: {},
    runtime: fakeRuntime(),
    files: { path: "/models/fake.gguf" },
    model: fakeModel(),
    task: "generate",
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: FAKE_HOSTS["CPU only"],
    visible: {},
    logFile: join(folder, "engine.log"),
    openTimeoutMs: 300_000,
  } satisfies OpenInput<object>
})

describe("a port that is taken between its choice and the start", () => {
  it.live("is replaced by another one", () =>
    Effect.gen(function* () {
      const ports: Array<number> = []
      const session = yield* colliding(2, ports).open(yield* inputIn)
      assert.strictEqual(new Set(ports).size, 3)
      assert.lengthOf(session.pids, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("ends the start when it happens again and again, or when the config names it", () =>
    Effect.gen(function* () {
      const ports: Array<number> = []
      const again = yield* Effect.flip(colliding(9, ports).open(yield* inputIn))
      assert.match(again.logTail.join("\n"), /address already in use/)
      assert.lengthOf(ports, 3)
      const once: Array<number> = []
      yield* Effect.flip(colliding(9, once, ports[0]!).open(yield* inputIn))
      assert.deepStrictEqual(once, [ports[0]!])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
