import type { FoundServer, OfferedModel } from "@rigbook/core"
import { openAiClient } from "@rigbook/core/engine"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { baseUrl } from "./Endpoint.ts"
import { type Kind, KINDS } from "./Kinds.ts"
import { ollamaBlob } from "./OllamaStore.ts"
import { type Listed, listOf, recognise, versionOf } from "./Recognise.ts"

/** Of one server on this machine, with all its answers. */
const FIND_MS = 3_000

/** Servers of known kinds at their documented ports of loopback, or whichever is at `at`. */
export const findServers = (at?: string): Effect.Effect<ReadonlyArray<FoundServer>> => {
  const ports = [...new Set(KINDS.flatMap((kind) => kind.ports))]
  const looks =
    at === undefined ? ports.map((port) => lookAt(`http://127.0.0.1:${port}`, port)) : [lookAt(baseUrl({ url: at }))]
  return Effect.map(Effect.all(looks, { concurrency: "unbounded" }), (found) => found.flat())
}

const lookAt = (url: string, port?: number): Effect.Effect<ReadonlyArray<FoundServer>> =>
  Effect.gen(function* () {
    const client = yield* openAiClient({ url, headers: {} })
    const kind = (yield* recognise(client, port)) ?? (port === undefined ? OTHER : undefined)
    if (kind === undefined) return []
    const listed = yield* listOf(client, kind)
    if (kind === OTHER && listed.length === 0) return []
    const version = (yield* versionOf(client, kind)) ?? "not reported"
    const models = yield* Effect.forEach(listed, (model) => offered(url, kind, model))
    return [{ name: kind.name, version, url, models, absent: kind.absent }]
  }).pipe(Effect.scoped, Effect.timeoutOrElse({ duration: FIND_MS, orElse: () => Effect.succeed([]) }))

/** A server that lists its models as OpenAI's API does, and is of no known kind. */
const OTHER: Kind = {
  program: "openai",
  name: "OpenAI-style server",
  ports: [],
  mark: ["/v1/models", ["data"]],
  questions: [],
  absent: ["Its kind is not known: `body` has to set what gives answers their length, and keeps prompts from a cache."],
}

const offered = Effect.fnUntraced(function* (url: string, kind: Kind, { embeds = false, name, path: file }: Listed) {
  const blob = kind.program === "ollama" ? ollamaBlob(name) : Effect.succeed(file)
  const path = isHere(url) ? yield* blob : undefined
  const model: OfferedModel = {
    name,
    task: embeds ? "embed" : "generate",
    ...(path === undefined || !existsSync(path) ? {} : { path }),
    ...(embeds || kind.exact !== undefined ? {} : { natural: true }),
    options: { url, model: name },
  }
  return model
})

const isHere = (url: string): boolean => /^(127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname)
