import { closestKey, findWorkspace, readConfigFile, type Workspace } from "@rigbook/records"
import { Effect, FileSystem, Predicate } from "effect"
import { join, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"

/** The workspace that the command was started in. */
export const openWorkspace = Effect.suspend(() => findWorkspace(process.cwd()))

/** Paths of the named configs, or of all those that are not only planned. */
export const dueConfigs = Effect.fn("OpenWorkspace.dueConfigs")(function* (
  workspace: Workspace,
  names: ReadonlyArray<string>,
) {
  const paths = yield* configPaths(workspace, names)
  if (names.length > 0) return paths
  const due = yield* Effect.filter(paths, (path) => Effect.map(isOnlyPlanned(path), (only) => !only))
  return due.length > 0
    ? due
    : yield* usageFailure("All configs are planned only. Name one to measure it anyway: rigbook run <config>")
})

/** Whether a config is measured only where it is named. */
export const isOnlyPlanned = (path: string) =>
  Effect.map(readConfigFile(path, path), ({ value }) => Predicate.hasProperty(value, "planned"))

/** Paths of the named configs: a name is a file of models/configs without its ending. All when none is named. */
export const configPaths = Effect.fn("OpenWorkspace.configPaths")(function* (
  { configs: folder }: Workspace,
  names: ReadonlyArray<string>,
) {
  if (names.length > 0) return yield* Effect.forEach(names, (name) => namedFile(folder, name, "config"))
  const files = yield* yamlFiles(folder)
  if (files.length === 0) return yield* usageFailure(`No config in ${folder}. Write one with: rigbook add <model>`)
  return files.map((file) => join(folder, file))
})

/** The path of a YAML file that is named by its path, or by its name in `folder` without its ending. */
export const namedFile = Effect.fn("OpenWorkspace.namedFile")(function* (folder: string, name: string, what: string) {
  if (/\.ya?ml$/.test(name)) return resolve(name)
  const files = yield* yamlFiles(folder)
  const file = files.find((candidate) => withoutEnding(candidate) === name)
  if (file !== undefined) return join(folder, file)
  const known = files.map(withoutEnding)
  const near = closestKey(name, known)
  return yield* usageFailure(
    `Unknown ${what} "${name}"; ${near === undefined ? `available: ${known.join(", ") || "none"}` : `did you mean "${near}"?`}`,
  )
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
