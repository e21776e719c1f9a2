import { existsSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** What shells complete by name: configs and records of the workspace, hosts that were added, machines to plan for. */
export const NAME_KINDS = ["configs", "records", "hosts", "machines"] as const
export type NameKind = (typeof NAME_KINDS)[number]

/**
 * Names as the folders have them: nothing is read or checked, since a shell waits for this at each press of the key.
 * Needs Node alone, so that nothing else is loaded.
 */
export const namesFor = (kind: NameKind, from: string, env: NodeJS.ProcessEnv = process.env): ReadonlyArray<string> => {
  const root = rootOf(from)
  const own = (path: string): ReadonlyArray<string> => (root === undefined ? [] : listed(join(root, path)))
  switch (kind) {
    case "configs":
      return named(own("models/configs"), /\.ya?ml$/)
    case "records":
      return named(own("benchmarks/results/raw"), /^(?!\.)/)
    case "hosts":
      return named(listed(join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "rigbook/hosts")), /\.json$/)
    case "machines":
      return named([...own("benchmarks/configs/hosts"), ...listed(HOSTS)], /\.ya?ml$/)
  }
}

/** Beside the bundle, and so two folders above this file. */
const HOSTS = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../hosts" : "../hosts", import.meta.url))

const rootOf = (from: string): string | undefined => {
  if (existsSync(join(from, "rigbook.yaml"))) return from
  return dirname(from) === from ? undefined : rootOf(dirname(from))
}

const listed = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
  } catch {
    return [] // a folder that can't be listed has nothing to offer
  }
}

/** Names that fit, without what they end with. Those with other characters would need quoting in each shell. */
const named = (names: ReadonlyArray<string>, fits: RegExp): ReadonlyArray<string> =>
  [...new Set(names.filter((name) => fits.test(name)).map((name) => name.replace(fits, "")))]
    .filter((name) => /^[\w.@+-]+$/.test(name))
    .toSorted()
