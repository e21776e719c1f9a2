import { closestKey, type Workspace } from "@rigbook/records"
import { type RatesByName, readHostDescription, readHostRates } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join, relative, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"
import { HOSTS } from "../Template.ts"

/** A file that describes a host. */
interface Described {
  readonly name: string
  readonly path: string
}

/** The host of this name or path, with what its devices can do at most: the workspace's own before those that come along. */
export const namedHost = Effect.fn("NamedHost.namedHost")(function* (workspace: Workspace | undefined, name: string) {
  const hosts = yield* describedHosts(workspace)
  const found = /\.ya?ml$/.test(name) ? { name, path: resolve(name) } : hosts.find((one) => one.name === name)
  if (found === undefined) {
    const names = [...new Set(hosts.map((one) => one.name))].toSorted()
    const parts = name.toLowerCase().split(/[^a-z0-9]+/)
    const near = closestKey(name, names) ?? names.find((known) => parts.every((part) => known.includes(part)))
    const hint = near === undefined ? `available: ${names.join(", ")}` : `did you mean "${near}"?`
    return yield* usageFailure(`Unknown host "${name}"; ${hint}`)
  }
  const shown = relative(process.cwd(), found.path)
  return {
    host: yield* readHostDescription(found.path, shown),
    rates: yield* readHostRates(found.path, shown),
  }
})

/** What devices of all described hosts can do at most. A description that is wrong says nothing until it is named. */
export const knownRates = Effect.fn("NamedHost.knownRates")(function* (workspace: Workspace | undefined) {
  const all = yield* Effect.forEach(yield* describedHosts(workspace), ({ path }) =>
    Effect.orElseSucceed(readHostRates(path, path), (): RatesByName => new Map()),
  )
  const rates: RatesByName = new Map(all.toReversed().flatMap((each) => [...each]))
  return rates
})

const describedHosts = Effect.fnUntraced(function* (workspace: Workspace | undefined) {
  const fs = yield* FileSystem.FileSystem
  const folders = [...(workspace === undefined ? [] : [workspace.hosts]), HOSTS]
  const files = yield* Effect.forEach(folders, (folder) =>
    Effect.map(
      Effect.orElseSucceed(fs.readDirectory(folder), () => []),
      (names) =>
        names
          .filter((file) => /\.ya?ml$/.test(file))
          .map((file): Described => ({ name: file.replace(/\.ya?ml$/, ""), path: join(folder, file) })),
    ),
  )
  return files.flat()
})
