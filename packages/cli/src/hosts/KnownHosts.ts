import { FILE_LIMITS, HostFacts, readText } from "@rigbook/core"
import { writeAtomically } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { unknownFailure, usageFailure } from "../Failure.ts"

/** A host that this user has added: where it is, and what it reported of itself when it was last checked. */
export const KnownHost = Schema.Struct({
  schema: Schema.Literal(1),
  launcher: Schema.NonEmptyString,
  /** In the launcher's own form. It is this user's: it is in no workspace, and in no record. */
  address: Schema.NonEmptyString,
  /** When the facts were read, in ISO 8601. */
  checkedAt: Schema.String,
  facts: HostFacts,
  /** The same of its parts, by what follows the name after a colon. */
  parts: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Struct({ checkedAt: Schema.String, facts: HostFacts })),
  ),
}).annotate({ identifier: "KnownHost" })
export type KnownHost = typeof KnownHost.Type

/** Facts are read again after an hour: drivers and engines are updated without a word. */
const FRESH_MS = 3_600_000

/** What a host, or a part of it, reported of itself within the last hour; `undefined` if that is older. Pure. */
export const recentFacts = (host: KnownHost, part: string | undefined, nowMs: number): HostFacts | undefined => {
  const checked = part === undefined ? host : host.parts?.[part]
  return checked !== undefined && nowMs - Date.parse(checked.checkedAt) < FRESH_MS ? checked.facts : undefined
}

/** A host with what it, or a part of it, reports now. Pure. */
export const withFacts = (
  host: KnownHost,
  part: string | undefined,
  found: Pick<KnownHost, "checkedAt" | "facts">,
): KnownHost => (part === undefined ? { ...host, ...found } : { ...host, parts: { ...host.parts, [part]: found } })

const asText = Schema.fromJsonString(KnownHost)

/** The user's own folder, since addresses and accounts are nobody else's. */
const folder = (): string => join(process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "rigbook/hosts")
const fileOf = (name: string): string => join(folder(), `${name}.json`)

/** Names of the user's hosts. */
export const hostNames = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const files = yield* Effect.orElseSucceed(fs.readDirectory(folder()), (): ReadonlyArray<string> => [])
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .toSorted()
})

/** The host of a name. Fails with `Failure` if there is none, or its file can't be read. */
export const knownHost = Effect.fn("KnownHosts.knownHost")(function* (name: string) {
  const names = yield* hostNames
  if (!names.includes(name))
    return yield* unknownFailure("host", name, names, `Add one with: rigbook host add ${name} user@box`)
  const text = yield* readText(fileOf(name), FILE_LIMITS.small)
  return yield* Effect.mapError(Schema.decodeUnknownEffect(asText)(text), ({ message }) =>
    usageFailure(`${fileOf(name)} can't be read: ${message.split("\n")[0]}. Add the host again: rigbook host add`),
  )
})

/** Keeps a host, for this user alone. */
export const keepHost = Effect.fn("KnownHosts.keepHost")(function* (name: string, host: KnownHost) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(dirname(fileOf(name)), { recursive: true, mode: 0o700 })
  yield* writeAtomically(fileOf(name), `${JSON.stringify(Schema.encodeSync(KnownHost)(host), null, 2)}\n`)
  yield* fs.chmod(fileOf(name), 0o600)
})

/** Forgets a host; nothing there is touched. */
export const removeHost = Effect.fn("KnownHosts.removeHost")(function* (name: string) {
  yield* knownHost(name)
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(fileOf(name))
})
