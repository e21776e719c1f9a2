import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { serverIdentity } from "../../../src/engine/server/ServerIdentity.ts"

/** What is at a path: a status, a text, or JSON. */
type Answer = number | string | object
/** A server by its paths, which a test changes as it goes; other paths are not there. */
type Paths = Record<string, Answer | (() => Answer)>

/** A server that says what `paths` hold, until its scope closes or `stop` ends it. */
const server = Effect.fnUntraced(function* (paths: Paths) {
  const http = createServer(({ url = "" }, response) => {
    const answer = paths[url] ?? 404
    const said = typeof answer === "function" ? answer() : answer
    response.writeHead(typeof said === "number" ? said : 200)
    response.end(typeof said === "object" ? JSON.stringify(said) : String(said))
  })
  yield* Effect.promise(() => new Promise<void>((done) => http.listen(0, "127.0.0.1", done)))
  const stop = () => {
    http.closeAllConnections()
    http.close()
  }
  yield* Effect.addFinalizer(() => Effect.sync(stop))
  return { client: yield* openAiClient((http.address() as AddressInfo).port), stop }
})

const list = (entry: object = {}) => ({
  data: [
    { id: "other", root: "/other" },
    { id: "m", ...entry },
  ],
})
const name = { "/v1/models id": "m" }

describe("serverIdentity", () => {
  it.live("takes what each make of server reports of its program and its model", () =>
    Effect.gen(function* () {
      const makes: ReadonlyArray<readonly [Paths, Record<string, string>]> = [
        [
          {
            "/v1/models": list({ root: "/m", max_model_len: 512, created: undefined }),
            "/version": { version: "0.9" },
          },
          { "/v1/models root": "/m", "/v1/models max_model_len": "512", "/version version": "0.9" },
        ],
        [
          {
            "/v1/models": list({ meta: { size: 77 } }),
            "/props": { build_info: "b1-x", model_path: "/m.gguf", default_generation_settings: { n_ctx: 256 } },
          },
          {
            "/v1/models meta.size": "77",
            "/props build_info": "b1-x",
            "/props model_path": "/m.gguf",
            "/props default_generation_settings.n_ctx": "256",
          },
        ],
        [
          { "/v1/models": list(), "/info": { version: "3", model_sha: "abc" } },
          { "/info version": "3", "/info model_sha": "abc" },
        ],
        [
          {
            "/v1/models": list(),
            "/api/version": { version: "0.5" },
            "/api/tags": { models: [{ name: "m", digest: "d1" }] },
          },
          { "/api/version version": "0.5", "/api/tags digest": "d1" },
        ],
        // A page for every path, an error for every other path: it is a server all the same.
        [{ "/v1/models": list(), "/version": "<html>", "/props": 500, "/info": 501 }, {}],
      ]
      for (const [paths, program] of makes) {
        const { client } = yield* server(paths)
        assert.deepStrictEqual(yield* serverIdentity(client, "m"), { program, process: name })
      }
    }),
  )

  it.live("reports another version, model or start at the second time", () =>
    Effect.gen(function* () {
      const changes: ReadonlyArray<readonly [Paths, Paths]> = [
        [{ "/version": { version: "1" } }, { "/version": { version: "2" } }],
        [{ "/version": { version: "1" } }, { "/version": 404 }],
        [{ "/v1/models": list({ root: "/a" }) }, { "/v1/models": list({ root: "/b" }) }],
        [{ "/v1/models": list() }, { "/v1/models": { data: [] } }],
        [{ "/props": { media_marker: "a" } }, { "/props": { media_marker: "b" } }],
        [{ "/v1/models": list({ created: 1000 }) }, { "/v1/models": list({ created: 2000 }) }],
        [
          { "/metrics": "# HELP x\nprocess_start_time_seconds 1.5e+09\n" },
          { "/metrics": "process_start_time_seconds 1.6e+09\n" },
        ],
      ]
      for (const [before, after] of changes) {
        const paths: Paths = { "/v1/models": list(), ...before }
        const { client } = yield* server(paths)
        const identify = serverIdentity(client, "m")
        const first = yield* identify
        assert.deepStrictEqual(yield* identify, first)
        Object.assign(paths, after)
        const second = yield* identify
        assert.notDeepEqual(second, first)
        assert.isUndefined(second.absent)
      }
    }),
  )

  it.live("leaves out what is a clock, and what failed at first", () =>
    Effect.gen(function* () {
      let created = 1000
      const paths: Paths = { "/v1/models": () => list({ created: created++ }), "/props": 503 }
      const { client } = yield* server(paths)
      const identify = serverIdentity(client, "m")
      const first = yield* identify
      paths["/props"] = { build_info: "b1" }
      assert.deepStrictEqual(
        [first, yield* identify],
        [
          { program: {}, process: name },
          { program: {}, process: name },
        ],
      )
    }),
  )

  it.live("does not know what a server is that answers no more", () =>
    Effect.gen(function* () {
      const paths: Paths = { "/v1/models": list(), "/version": { version: "1" } }
      const { client, stop } = yield* server(paths)
      const identify = serverIdentity(client, "m")
      assert.isUndefined((yield* identify).absent)
      paths["/version"] = 503
      assert.deepInclude(yield* identify, { program: {}, process: name })
      assert.match((yield* identify).absent!, /^\/version: HTTP 503/)
      stop()
      const { absent, process, program } = yield* identify
      assert.deepStrictEqual({ process, program }, { process: {}, program: {} })
      assert.match(absent!, /^\/v1\/models: /)
    }),
  )

  it.live("knows a process of ours by itself, and does not ask when it began", () =>
    Effect.gen(function* () {
      let requests = 0
      const { client } = yield* server({ "/v1/models": list({ created: 5 }), "/metrics": () => `${++requests}` })
      const identity = yield* serverIdentity(client, "m", Effect.succeed({ pid: "7" }))
      assert.deepStrictEqual(identity, { program: {}, process: { pid: "7", ...name } })
      assert.strictEqual(requests, 0)
    }),
  )
})
