import { ModelConfig } from "@rigbook/core"
import { Effect, FileSystem, Result } from "effect"
import { join } from "node:path"
import { decodeAt } from "./ConfigFile.ts"
import type { ConfigIssue } from "./ConfigIssue.ts"
import { configsIn, type NamedConfig } from "./NamedConfig.ts"
import type { Workspace } from "./Workspace.ts"

/** What the registry takes from a config: what its author says about a model, before anything is measured. */
export interface ConfigOutline extends Pick<
  ModelConfig,
  "name" | "family" | "task" | "license" | "planned" | "source"
> {
  /** The file's name without its ending, and the variant's. */
  readonly id: string
  /** Relative to the root of the workspace. */
  readonly path: string
}

/** An outline with its config as it was read. */
export interface ReadOutline extends ConfigOutline {
  readonly read: NamedConfig
}

/**
 * All configs of a workspace, by id; an invalid one is left out and reported in `issues`. Fails with `PlatformError` if
 * their folder exists and can't be read.
 */
export const readOutlines = Effect.fn("ConfigOutline.readOutlines")(function* (workspace: Workspace) {
  const { configs: folder } = workspace
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.exists(folder)) ? (yield* fs.readDirectory(folder)).filter(isYaml).toSorted() : []
  const outlines: Array<ReadOutline> = []
  const issues: Array<ConfigIssue> = []
  for (const read of (yield* Effect.forEach(names, (name) => configsIn(workspace, join(folder, name)))).flat()) {
    const { file, id, path } = read
    const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], ModelConfig, file.value)
    if (Result.isFailure(decoded)) {
      issues.push(...decoded.failure)
      continue
    }
    const { family, license, name, planned, source, task } = decoded.success
    outlines.push({
      id,
      path,
      read,
      name,
      task,
      source,
      ...(family === undefined ? {} : { family }),
      ...(license === undefined ? {} : { license }),
      ...(planned === undefined ? {} : { planned }),
    })
  }
  return { outlines, issues }
})

const isYaml = (file: string): boolean => /\.ya?ml$/.test(file)
