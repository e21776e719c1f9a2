import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema, Scope } from "effect"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serverBackend } from "../../../src/engine/server/ServerBackend.ts"
import { CPU, Effective, type OpenInput } from "../../../src/index.ts"

/** A server that answers `/health` if it is ever ready, and to nothing else. */
const SERVER = `require("node:http").createServer((request, response) => request.url === "/health" && response.end("ok")).listen(process.argv[1], "127.0.0.1")`

/** Opens the server with a part on `box2`, which is a shell script that finds the folder as its `$1`. */
const openWith = (part: string, isReady = true) => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-test-"))
  const env = { PATH: process.env["PATH"] ?? "" }
  const { open } = serverBackend({
    id: "x",
    description: "Of a test",
    tasks: ["generate"],
    config: Schema.Struct({}),
    probe: () => Effect.never,
    inspect: () => Effect.never,
    server: {
      name: "x-server",
      command: ({ port }) =>
        Effect.succeed({
          command: process.execPath,
          args: ["-e", isReady ? SERVER : "setInterval(() => {}, 1000)", String(port)],
          env,
          context: undefined,
          parts: [{ node: "box2", command: "sh", args: ["-c", part, "part", folder], env }],
        }),
      prove: (client) => client.getText("/health"),
      effective: () => Effect.succeed(new Effective({ devices: [CPU], settings: {}, buffers: [] })),
      body: () => ({}),
    },
  })
  const input = { task: "generate", openTimeoutMs: 60_000, logFile: join(folder, "engine.log") } as OpenInput<object>
  return { folder, session: open(input) }
}

const reasonOf = <A, R>(effect: Effect.Effect<A, { readonly reason: object }, R>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

const test = <E>(name: string, body: () => Effect.Effect<void, E, NodeServices.NodeServices>) =>
  it.live(name, () => Effect.provide(body(), NodeServices.layer))

describe("a server with a part on another machine", () => {
  test("fails with the part that ends before it is ready, whose log is kept beside its own", () =>
    Effect.gen(function* () {
      const { folder, session } = openWith("echo no network; exit 7", false)
      const error = yield* Effect.flip(Effect.scoped(session))
      assert.deepInclude(error.reason, {
        _tag: "Crashed",
        exitCode: 7,
        detail: "The part of x-server on box2 ended with exit code 7; its last line: no network.",
      })
      assert.includeMembers([...error.logTail], ["On box2:", "no network"])
      assert.match(readFileSync(join(folder, "engine.node2.log"), "utf8"), /no network/)
    }))

  test("fails a request that it would never answer, once the part has ended", () =>
    Effect.gen(function* () {
      const { folder, session } = openWith(`until [ -e "$1/end" ]; do sleep 0.05; done; kill -9 $$`)
      const { send } = yield* session
      const request = { task: "generate", prompt: { text: "a" }, outputTokens: 1 } as const
      const observer = { sent: () => writeFileSync(join(folder, "end"), ""), chunk: () => {} }
      const reason = yield* reasonOf(send(request, observer))
      assert.deepInclude(reason, { _tag: "Crashed", exitCode: 137 })
    }).pipe(Effect.scoped))

  test("ends the part with its own", () =>
    Effect.gen(function* () {
      const { folder, session } = openWith(`trap 'echo > "$1/ended"; exit' TERM; while :; do sleep 0.05; done`)
      const scope = yield* Scope.make()
      yield* Scope.provide(session, scope)
      assert.isFalse(existsSync(join(folder, "ended")))
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(existsSync(join(folder, "ended")))
    }))
})
