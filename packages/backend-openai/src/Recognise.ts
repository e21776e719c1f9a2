import type { OpenAiClient } from "@rigbook/core/engine"
import { Effect } from "effect"
import { isAbsolute } from "node:path"
import { type Kind, KINDS } from "./Kinds.ts"
import { at, itemsOf, wordAt } from "./Read.ts"

/** A model as its server lists it. */
export interface Listed {
  readonly name: string
  /** Undefined where the list does not say. */
  readonly embeds?: boolean
  /** Of its file, on the server's machine. */
  readonly path?: string
}

/** An answer that does not come at once is none. */
const ANSWER_MS = 2_000

/** What is at a path; `undefined` if nothing that can be read, or not within two seconds. */
export const answerAt = (client: Pick<OpenAiClient, "getJson">, path: string): Effect.Effect<unknown> =>
  client.getJson(path).pipe(
    Effect.timeout(ANSWER_MS),
    Effect.orElseSucceed((): unknown => undefined),
  )

/** Which kind of server it is, among those whose documentation names the port if one is given; `undefined` if of no known one. */
export const recognise = Effect.fnUntraced(function* (client: Pick<OpenAiClient, "getJson">, port?: number) {
  const kinds = port === undefined ? KINDS : KINDS.filter(({ ports }) => ports.includes(port))
  const paths = [...new Set(kinds.map(({ mark: [path] }) => path))]
  const answers = yield* Effect.forEach(paths, (path) => answerAt(client, path), { concurrency: "unbounded" })
  return kinds.find(({ mark: [path, key] }) => at(answers[paths.indexOf(path)], key) !== undefined)
})

/** Its version; `undefined` if it reports none. */
export const versionOf = Effect.fnUntraced(function* (client: Pick<OpenAiClient, "getJson">, { version }: Kind) {
  return version === undefined ? undefined : wordAt(yield* answerAt(client, version[0]), version[1])
})

/** Its models, by its own list or by that of OpenAI's API. */
export const listOf = Effect.fnUntraced(function* (client: Pick<OpenAiClient, "getJson">, kind: Kind) {
  const [path, list, name] = kind.list ?? (["/v1/models", "data", ["id"]] as const)
  const items = itemsOf(yield* answerAt(client, path), list)
  const sole =
    kind.file === undefined || items.length !== 1
      ? undefined
      : wordAt(yield* answerAt(client, kind.file.else[0]), kind.file.else[1])
  return items.flatMap((item): ReadonlyArray<Listed> => {
    const found = wordAt(item, name)
    const file = fileIn(kind, item) ?? sole
    if (found === undefined) return []
    const value = kind.embeds && wordAt(item, kind.embeds[0])
    return [
      {
        name: found,
        ...(kind.embeds === undefined || value === undefined ? {} : { embeds: kind.embeds[1].test(value) }),
        ...(file === undefined || !isAbsolute(file) ? {} : { path: file }),
      },
    ]
  })
})

const fileIn = ({ file }: Kind, item: unknown): string | undefined => {
  const args = file && at(item, file.args)
  const place = Array.isArray(args) ? args.indexOf(file!.option) : -1
  return place === -1 ? undefined : wordAt(args, [String(place + 1)])
}
