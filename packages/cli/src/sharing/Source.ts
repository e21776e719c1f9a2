import { WORKSPACE_FILE } from "@rigbook/core"
import { isOrigin, originWorkspace, type Workspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { basename, join, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"
import { connectOnly } from "../hosts/Connect.ts"
import { hostNames } from "../hosts/KnownHosts.ts"
import { fetchRegistry, isGitAddress } from "./Git.ts"

/** Another registry: what it is called here, what it is known by, and how its files get into an empty folder if they are not in one. */
export interface Source {
  readonly origin: string
  /** The same word for the same place; it is only kept as a hash. */
  readonly place: string
  readonly root: Effect.Effect<string, unknown, Effect.Services<ReturnType<typeof connectOnly>>>
}

/** What a word of the command line means: a folder, a repository, or a folder of a host. */
export const sourceOf = Effect.fn("Source.sourceOf")(function* (
  workspace: Workspace,
  word: string,
  named: string | undefined,
) {
  const fs = yield* FileSystem.FileSystem
  const origin = named ?? nameOf(word)
  if (!isOrigin(origin))
    return yield* usageFailure(
      `"${origin}" is no name for a registry: use letters, digits, dots and dashes. Choose one with: --as NAME`,
    )
  const emptyFolder = Effect.andThen(
    fs.makeDirectory(join(workspace.pulled, ".."), { recursive: true }),
    fs.makeTempDirectoryScoped({ directory: join(workspace.pulled, ".."), prefix: ".incoming-" }),
  )
  const [host = "", ...rest] = word.split(":")
  const isFolder = yield* isDirectory(word)
  if (!isFolder && (yield* hostNames).includes(host)) {
    const folder = rest.join(":")
    if (folder === "")
      return yield* usageFailure(
        `Name the workspace on ${host}, from its home folder: rigbook pull ${host}:FOLDER. What this workspace measured there comes with rigbook run --on ${host}.`,
      )
    return { origin, place: `host ${word}`, root: fromHost(workspace, { host, folder, origin }, emptyFolder) }
  }
  const path = resolve(word)
  if (isFolder && (yield* fs.exists(join(path, WORKSPACE_FILE))))
    return { origin, place: yield* fs.realPath(path), root: Effect.succeed(path) }
  const isRepository = isFolder && ((yield* fs.exists(join(path, "HEAD"))) || (yield* fs.exists(join(path, ".git"))))
  if (isRepository || isGitAddress(word)) {
    const address = isRepository ? path : word
    const root = Effect.tap(emptyFolder, (folder) => fetchRegistry(address, folder))
    return { origin, place: address, root }
  }
  return yield* usageFailure(
    isFolder
      ? `${word} has no ${WORKSPACE_FILE}: it is no registry of Rigbook.`
      : `"${word}" is no folder, no repository by https or ssh, and no host. Hosts are named with their folder: NAME:FOLDER`,
  )
})

/** A host with this one's disk has the folder here. */
const fromHost = Effect.fnUntraced(function* (
  workspace: Workspace,
  { folder, host, origin }: { readonly folder: string; readonly host: string; readonly origin: string },
  emptyFolder: Effect.Effect<string, unknown, Effect.Services<ReturnType<typeof connectOnly>>>,
) {
  const fs = yield* FileSystem.FileSystem
  const connection = yield* connectOnly(host, workspace)
  if (connection.copyWorkspace === undefined) return resolve(folder)
  const into = yield* emptyFolder
  const { raw } = originWorkspace(workspace, origin)
  const known = (yield* fs.exists(raw)) ? yield* fs.readDirectory(raw) : []
  yield* connection.copyWorkspace(folder, new Set(known), into)
  return into
})

const isDirectory = Effect.fnUntraced(function* (word: string) {
  const fs = yield* FileSystem.FileSystem
  const found = yield* Effect.option(fs.stat(resolve(word)))
  return found._tag === "Some" && found.value.type === "Directory"
})

/** `registry` of `https://host/alice/registry.git`, `cellar-bench` of `cellar:bench`, else the name of a folder. */
const nameOf = (word: string): string => {
  if (isGitAddress(word)) return basename(word.replace(/\/+$/, ""), ".git").replace(/^.*:/, "")
  const host = /^([A-Za-z0-9][A-Za-z0-9._-]*):(.+)$/.exec(word)
  return host === null ? basename(resolve(word), ".git") : `${host[1]}-${basename(host[2]!)}`
}
