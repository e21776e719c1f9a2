import { Effect } from "effect"
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

type Files = Readonly<Record<string, Uint8Array>>

/**
 * A stand-in for the Hugging Face Hub on loopback: lists of files and files by range. Repositories of `gated` are for
 * `token` only.
 */
export const hubServer = Effect.fnUntraced(function* (repositories: Readonly<Record<string, Files>>, token: string) {
  const requests: Array<string> = []
  let sent = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost")
    requests.push(url.pathname)
    const [, api, owner, name, rest] =
      /^(\/api\/models)?\/([^/]+)\/([^/]+)\/(?:tree|resolve)\/main\/?(.*)$/.exec(url.pathname) ?? []
    const files = repositories[`${owner}/${name}`]
    const given = request.headers.authorization
    const refuse = (status: number) => response.writeHead(status, { "content-type": "application/json" }).end("{}")
    if (owner === "gated" && given !== `Bearer ${token}`) return refuse(given === undefined ? 401 : 403)
    if (files === undefined) return refuse(404)
    if (api !== undefined)
      return response.writeHead(200, { "content-type": "application/json" }).end(
        JSON.stringify(
          Object.entries(files).map(([path, bytes]) => ({
            type: "file",
            path,
            size: bytes.length,
            oid: hash(bytes),
          })),
        ),
      )
    const bytes = files[decodeURIComponent(rest ?? "")]
    if (bytes === undefined) return refuse(404)
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? []
    const end = Math.min(to === "" ? bytes.length : Number(to) + 1, bytes.length)
    const part = bytes.subarray(Number(from), end)
    sent += part.length
    return response
      .writeHead(request.headers.range === undefined ? 200 : 206, {
        etag: `"${hash(bytes)}"`,
        "content-range": `bytes ${from}-${end - 1}/${bytes.length}`,
        "content-length": part.length,
      })
      .end(part)
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    () => Effect.sync(() => (server.close(), server.closeAllConnections())),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, sentBytes: () => sent }
})

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
