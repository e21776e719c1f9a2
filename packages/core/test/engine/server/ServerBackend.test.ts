import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serverBackend } from "../../../src/engine/server/ServerBackend.ts"
import type { OpenInput } from "../../../src/index.ts"

it.live(
  "an engine that ends without a word is refused its port if another program listens there, else it crashed",
  () =>
    Effect.gen(function* () {
      const stranger = createServer().listen(0, "127.0.0.1")
      yield* Effect.promise(() => once(stranger, "listening"))
      const { port } = stranger.address() as AddressInfo
      const { open } = serverBackend({
        id: "x",
        description: "Of a test",
        tasks: ["generate"],
        config: Schema.Struct({}),
        probe: () => Effect.never,
        inspect: () => Effect.never,
        server: {
          name: "x-server",
          port: () => port,
          command: () =>
            Effect.succeed({ command: process.execPath, args: ["-e", "process.exit(1)"], env: {}, context: undefined }),
          prove: () => Effect.never,
          effective: () => Effect.never,
          body: () => ({}),
        },
      })
      const logFile = join(mkdtempSync(join(tmpdir(), "rigbook-test-")), "engine.log")
      const input = { task: "generate", openTimeoutMs: 60_000, logFile } as OpenInput<object>
      const said = Effect.map(Effect.flip(Effect.scoped(open(input))), ({ reason }) => [reason._tag, reason.detail])
      assert.deepStrictEqual(yield* said, ["Refused", `Port ${port} is in use by another program.`])
      stranger.close()
      assert.strictEqual((yield* said)[0], "Crashed")
    }).pipe(Effect.provide(NodeServices.layer)),
)
