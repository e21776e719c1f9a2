import { configsIn, findWorkspace, type NamedConfig, type Workspace } from "@rigbook/records"
import { Effect, FileSystem, Predicate } from "effect"
import { join, resolve } from "node:path"
import { unknownFailure, usageFailure } from "../Failure.ts"
import { withScenarioSets } from "../Plugins.ts"

/** The workspace that the command was started in. */
export const openWorkspace = Effect.suspend(() => findWorkspace(process.cwd()))

/** The named configs, or all those that are not only planned. */
export const dueConfigs = Effect.fn("OpenWorkspace.dueConfigs")(function* (
  workspace: Workspace,
  names: ReadonlyArray<string>,
) {
  const configs = yield* readConfigs(workspace, names)
  if (names.length > 0) return configs
  const due = configs.filter((config) => !isOnlyPlanned(config))
  return due.length > 0
    ? due
    : yield* usageFailure("All configs are planned only. Name one to measure it anyway: rigbook run <config>")
})

/** Whether a config is measured only where it is named. */
export const isOnlyPlanned = ({ file }: NamedConfig): boolean => Predicate.hasProperty(file.value, "planned")

/**
 * The named configs: a name is a config's, which may be a variant; else that of a file of models/configs without its ending,
 * or a file's path, which name all its variants. All configs when none is named.
 */
export const readConfigs = Effect.fn("OpenWorkspace.readConfigs")(function* (
  workspace: Workspace,
  names: ReadonlyArray<string>,
) {
  const { configs: folder } = workspace
  const files = yield* yamlFiles(folder)
  const known = yield* withScenarioSets(workspace)
  const read = (path: string) => configsIn(known, path)
  const all = (yield* Effect.forEach(files, (file) => read(join(folder, file)))).flat()
  const twice = all.find(({ id }, index) => all.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined)
    return yield* usageFailure(
      `Two configs are called "${twice.id}", in ${all.flatMap(({ id, path }) => (id === twice.id ? [path] : [])).join(" and ")}. Rename the variant or the file.`,
    )
  if (names.length > 0)
    return (yield* Effect.forEach(names, (name) => {
      const named = all.filter(({ id }) => id === name)
      if (named.length > 0) return Effect.succeed(named)
      if (/\.ya?ml$/.test(name)) return read(resolve(name))
      const file = files.find((candidate) => withoutEnding(candidate) === name)
      return file === undefined
        ? unknownFailure(
            "config",
            name,
            all.map(({ id }) => id),
          )
        : read(join(folder, file))
    })).flat()
  if (files.length === 0) return yield* usageFailure(`No config in ${folder}. Write one with: rigbook add <model>`)
  return all
})

/** What a config may be called on the command line, beside its path: names of configs and of their files. */
export const configNames = Effect.fn("OpenWorkspace.configNames")(function* (workspace: Workspace) {
  const files = yield* yamlFiles(workspace.configs)
  const all = yield* Effect.forEach(files, (file) => configsIn(workspace, join(workspace.configs, file)))
  return [...new Set([...files.map(withoutEnding), ...all.flat().map(({ id }) => id)])]
})

/** The path of a YAML file that is named by its path, or by its name in `folder` without its ending. */
export const namedFile = Effect.fn("OpenWorkspace.namedFile")(function* (folder: string, name: string, what: string) {
  if (/\.ya?ml$/.test(name)) return resolve(name)
  const files = yield* yamlFiles(folder)
  const file = files.find((candidate) => withoutEnding(candidate) === name)
  if (file !== undefined) return join(folder, file)
  return yield* unknownFailure(what, name, files.map(withoutEnding))
})

/** A file's name without the ending that YAML has. */
export const withoutEnding = (file: string): string => file.replace(/\.ya?ml$/, "")

/** Names of the YAML files in a folder, which need not be there. */
export const yamlFiles = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.exists(folder))
    ? (yield* fs.readDirectory(folder)).filter((file) => /\.ya?ml$/.test(file)).toSorted()
    : []
})
