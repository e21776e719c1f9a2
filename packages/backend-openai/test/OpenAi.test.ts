import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type OpenInput, Placement, type Runtime, type Task } from "@rigbook/core"
import { fakeHost, fakeModel, fakeServer, type ServerBehaviour } from "@rigbook/testkit"
import { Effect, Schema, type Scope } from "effect"
import type { AddressInfo } from "node:net"
import { afterAll } from "vitest"
import { openai, Options } from "../src/index.ts"

const TOKEN = "sk-of-this-test-0123456789"
process.env["RIGBOOK_TEST_TOKEN"] = TOKEN
afterAll(() => delete process.env["RIGBOOK_TEST_TOKEN"])

const decode = Schema.decodeUnknownSync(Options)
const deaf = { sent: () => {}, chunk: () => {} }
const TEXT = { task: "generate", prompt: { text: "Once upon" }, outputTokens: 4 } as const

/** The address of a fake server that lives as long as the scope. */
const serving = (behaviour: ServerBehaviour = {}) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof fakeServer>>((resume) => {
        const server = fakeServer(behaviour)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        }),
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  )

const opened = Effect.fnUntraced(function* (
  options: typeof Options.Encoded,
  task: Task = "generate",
  planned?: Runtime,
) {
  const config = decode(options)
  const [device] = openai.placement!.devices!(config)
  const input: OpenInput<Options> = {
    config,
    runtime: planned ?? (yield* openai.probe(config)),
    files: { path: "model.gguf" },
    model: fakeModel(),
    task,
    placement: new Placement({ strategy: "attached", devices: [device!.id] }),
    host: fakeHost(),
    visible: {},
    logFile: "/dev/null",
    openTimeoutMs: 2_000,
  }
  return yield* openai.open(input)
})

const live = <E>(name: string, test: () => Effect.Effect<void, E, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("openai", () => {
  live("takes an address with and without /v1, and sends the token of the variable that is named", () =>
    Effect.gen(function* () {
      const url = yield* serving({ bearer: TOKEN, model: "tiny" })
      for (const given of [url, `${url}/`, `${url}/v1`, `${url}/v1/`]) {
        const session = yield* opened({ url: given, tokenEnv: "RIGBOOK_TEST_TOKEN" })
        const { outputTokens, text } = yield* session.send(TEXT, deaf)
        assert.deepStrictEqual({ outputTokens, text }, { outputTokens: 4, text: "w0 w1 w2 w3 " })
        assert.deepStrictEqual(session.effective.settings, { model: "tiny" })
        assert.deepStrictEqual(session.pids, [])
      }
    }),
  )

  live("never shows the token: not in options, not in what a server says of it", () =>
    Effect.gen(function* () {
      const url = yield* serving({ refuses: { status: 401, message: `Incorrect key: ${TOKEN}` } })
      const options = { url, tokenEnv: "RIGBOOK_TEST_TOKEN" }
      const session = yield* opened(options)
      const error = yield* Effect.flip(session.send(TEXT, deaf))
      assert.strictEqual(error.reason._tag, "Refused")
      assert.include(error.reason.detail, "Incorrect key: [token]")
      const encoded = yield* Schema.encodeEffect(openai.config)(decode(options))
      for (const shown of [error.message, JSON.stringify(error), JSON.stringify(encoded), JSON.stringify(session)])
        assert.notInclude(shown, TOKEN)
    }),
  )

  live("says that the variable is not set, before anything is sent", () =>
    Effect.gen(function* () {
      const options = decode({ url: "http://127.0.0.1:9", tokenEnv: "RIGBOOK_TEST_NO_TOKEN" })
      const [issue] = yield* openai.machine!.check!(options)
      assert.deepStrictEqual(issue?.path, ["tokenEnv"])
      assert.include(issue?.message, "RIGBOOK_TEST_NO_TOKEN, which tokenEnv names, is not set")
      assert.strictEqual((yield* Effect.flip(openai.probe(options))).reason._tag, "NotInstalled")
    }),
  )

  it("takes no address with a user, a query or a fragment, nor what is none", () => {
    for (const url of [
      "http://me:secret@host/",
      "http://:secret@host/",
      "http://secret@host",
      "http://@host",
      "http://me%3Asecret@host",
      "http:me:secret@host",
      "http:\\\\me:secret@host",
      "ht\ntp://me:secret@host",
      " http://host",
      "http://host/?key=1",
      "http://host/?",
      "http://host/#",
      "http://host/v1%3Fapi_key=secret",
      "host:80",
      "file:///etc/passwd",
      "",
    ])
      assert.throws(() => decode({ url }), /Expected the address of a server/, url)
    for (const url of ["http://host/@me", "https://[::1]:8000/v1", "http://a-b.example:1/x@y"])
      assert.strictEqual(decode({ url }).url, url)
  })

  live("takes no token for a variable's name, and repeats no name that may be one", () =>
    Effect.gen(function* () {
      const url = "http://host"
      for (const tokenEnv of [
        "sk-abc",
        "hf_MadeUpMadeUp1",
        "AKIAIOSFODNN7EXAMPLE",
        "b2f0e9c1d5f4f1f6d0b4a7a5",
        "madeUpMadeUpMadeUpMadeUp",
      ])
        assert.throws(() => decode({ url, tokenEnv }), /name of an environment variable/, tokenEnv)
      const [issue] = yield* openai.machine!.check!(decode({ url, tokenEnv: "made_up_word" }))
      assert.notInclude(issue?.message, "made_up_word")
    }),
  )

  live("takes no word of a server for more than a word", () =>
    Effect.gen(function* () {
      const model = `\u001B[31mtiny\u202E ${TOKEN}`
      const url = yield* serving({ model, owner: `\u001B]0;title\u0007${TOKEN}`, version: () => `1\u009B ${TOKEN}` })
      const options = { url, tokenEnv: "RIGBOOK_TEST_TOKEN" }
      const { libraries, program, version } = yield* openai.probe(decode(options))
      assert.deepStrictEqual(
        { libraries, program, version },
        { libraries: { model: "tiny[U+202E] [token]" }, program: "[token]", version: "1[U+009B] [token]" },
      )
      yield* opened(options)
    }),
  )

  live("finds the model that is named, or says which there are", () =>
    Effect.gen(function* () {
      const url = yield* serving({ model: "tiny" })
      const { libraries } = yield* openai.probe(decode({ url }))
      assert.deepStrictEqual(libraries, { model: "tiny" })
      const { reason } = yield* Effect.flip(openai.probe(decode({ url, model: "large" })))
      assert.strictEqual(reason._tag, "Unsupported")
      assert.include(reason.fix, "to one of: tiny")
    }),
  )

  live("calls what goes wrong by its name", () =>
    Effect.gen(function* () {
      const reasons = [
        [{ refuses: { status: 404, message: "no such route" } }, "Unsupported", /HTTP 404.*no such route/],
        [{ refuses: { status: 500, message: "oh" } }, "Refused", /HTTP 500.*oh/],
        [{ breaksAfter: 2 }, "Crashed", /broke off/],
      ] as const
      for (const [behaviour, tag, detail] of reasons) {
        const session = yield* opened({ url: yield* serving(behaviour) })
        const { kind, reason } = yield* Effect.flip(session.send(TEXT, deaf))
        assert.strictEqual(reason._tag, tag)
        assert.match(reason.detail, detail)
        assert.isDefined(kind)
      }
    }),
  )

  live("opens no other version or model than the cell was planned for, and reports both of itself", () =>
    Effect.gen(function* () {
      let version = "1.0"
      const behaviour = { model: "tiny", version: () => version }
      const url = yield* serving(behaviour)
      const planned = yield* openai.probe(decode({ url }))
      const session = yield* opened({ url }, "generate", planned)
      const identity = yield* session.identify!
      assert.deepStrictEqual(identity, {
        program: { "/version version": "1.0" },
        process: { "/v1/models id": "tiny" },
      })
      version = "2.0"
      assert.deepStrictEqual((yield* session.identify!).program, { "/version version": "2.0" })
      const newer = yield* Effect.flip(opened({ url }, "generate", planned))
      assert.strictEqual(newer.reason._tag, "Refused")
      assert.include(
        newer.reason.detail,
        "serves tiny with version 2.0, but the cell was planned for tiny with version 1.0",
      )
      behaviour.model = "large"
      version = "1.0"
      const other = yield* Effect.flip(opened({ url }, "generate", planned))
      assert.include(other.reason.detail, "serves large with version 1.0, but the cell was planned for tiny")
    }),
  )

  live("makes vectors", () =>
    Effect.gen(function* () {
      const session = yield* opened({ url: yield* serving({ dimensions: 4 }) }, "embed")
      const done = yield* session.send({ task: "embed", texts: ["a b", "c"], batchSize: 1 }, deaf)
      assert.deepStrictEqual(done, {
        vectors: { count: 2, dimensions: 4 },
        inputTokens: 3,
        truncated: { unknown: "the server does not report whether it cuts texts" },
      })
    }),
  )
})
