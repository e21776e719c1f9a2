import { ModelConfig } from "@rigbook/core"
import { Effect, FileSystem, Result } from "effect"
import { basename, join, relative } from "node:path"
import { decodeAt, readConfigFile } from "./ConfigFile.ts"
import type { ConfigIssue } from "./ConfigIssue.ts"
import type { Workspace } from "./Workspace.ts"

/** What the registry takes from a config: what its author says about a model, before anything is measured. */
export interface ConfigOutline extends Pick<
  ModelConfig,
  "name" | "family" | "task" | "license" | "planned" | "source"
> {
  /** The file's name without its ending. */
  readonly id: string
  /** Relative to the root of the workspace. */
  readonly path: string
}

/**
 * All configs of a workspace, by id; an invalid one is left out and reported in `issues`. Fails with `PlatformError` if
 * their folder exists and can't be read.
 */
export const readOutlines = Effect.fn("ConfigOutline.readOutlines")(function* ({ configs: folder, root }: Workspace) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.exists(folder)) ? (yield* fs.readDirectory(folder)).filter(isYaml).toSorted() : []
  const outlines: Array<ConfigOutline> = []
  const issues: Array<ConfigIssue> = []
  for (const file of names) {
    const path = join(folder, file)
    const config = yield* readConfigFile(path, relative(root, path))
    const decoded =
      config.syntax.length > 0 ? Result.fail(config.syntax) : decodeAt(config, [], ModelConfig, config.value)
    if (Result.isFailure(decoded)) {
      issues.push(...decoded.failure)
      continue
    }
    const { family, license, name, planned, source, task } = decoded.success
    outlines.push({
      id: configId(path),
      path: relative(root, path),
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

/** A config's id: its file's name without the ending. */
export const configId = (path: string): string => basename(path).replace(/\.ya?ml$/, "")
