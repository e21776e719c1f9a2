import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { gzipSync } from "node:zlib"
import { boundedFetch } from "../../../src/models/hub/BoundedFetch.ts"
import { httpServer } from "../../fakes/httpServer.ts"

const never = new AbortController().signal
const MIB = 2 ** 20

describe("boundedFetch", () => {
  it.live("reads answers up to its limit, packed or not, and none that goes on", () =>
    Effect.gen(function* () {
      const { port } = yield* httpServer((response, { url }) => {
        if (url === "/packed") {
          response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(64 * MIB)))
          return
        }
        if (url === "/whole") {
          response.writeHead(201, { "x-own": "1" }).end(Buffer.alloc(MIB))
          return
        }
        const piece = Buffer.alloc(65_536)
        const write = (): void => {
          while (!response.destroyed) if (!response.write(piece)) return void response.once("drain", write)
        }
        write()
      })
      const get = async (path: string) => {
        const response = await boundedFetch(MIB, never)(`http://127.0.0.1:${port}${path}`)
        return { response, bytes: (await response.arrayBuffer()).byteLength }
      }
      const { bytes, response } = yield* Effect.promise(() => get("/whole"))
      assert.deepStrictEqual([bytes, response.status, response.headers.get("x-own")], [MIB, 201, "1"])
      assert.strictEqual(response.url, `http://127.0.0.1:${port}/whole`)
      for (const path of ["/packed", "/endless"]) {
        const error = yield* Effect.flip(Effect.tryPromise({ try: () => get(path), catch: (cause) => cause as Error }))
        assert.strictEqual(error.message, "an answer has more than 1,048,576 bytes")
      }
    }),
  )
})
