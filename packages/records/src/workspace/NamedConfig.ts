import { Effect } from "effect"
import { basename, relative } from "node:path"
import { type ConfigFile, parseConfigFile, readConfigFile } from "./ConfigFile.ts"
import { variantsOf } from "./Variants.ts"
import type { Workspace } from "./Workspace.ts"

/** A config that is read, and not checked yet. */
export interface NamedConfig {
  /** Its file's name without the ending, and its variant's. */
  readonly id: string
  /** Of its file, from the root of the workspace: relative paths in it start at that folder. */
  readonly path: string
  readonly file: ConfigFile
}

/** The configs in a file: its variants, or one. What is wrong with the file is among their `file.syntax`. */
export const configsIn = Effect.fn("NamedConfig.configsIn")(function* (
  { root, scenarioSets }: Pick<Workspace, "root" | "scenarioSets">,
  absolute: string,
) {
  const path = relative(root, absolute)
  const file = yield* readConfigFile(absolute, path)
  return variantsOf(file, configId(absolute), scenarioSets).map((variant): NamedConfig => ({ ...variant, path }))
})

/** The configs of a value of a program, as if it stood in models/configs: `value` is what the file `id` would contain. Pure. */
export const configsOfValue = (id: string, value: unknown): ReadonlyArray<NamedConfig> =>
  variantsOf(parseConfigFile(JSON.stringify(value), id), id).map((variant) => ({
    ...variant,
    path: `models/configs/${id}.yaml`,
  }))

/** The id of a file's base config: its name without the ending. */
export const configId = (path: string): string => basename(path).replace(/\.ya?ml$/, "")
