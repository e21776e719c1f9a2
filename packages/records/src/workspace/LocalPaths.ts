import { FILE_LIMITS, readText } from "@rigbook/core"
import { cacheFolder } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { homedir, hostname, tmpdir } from "node:os"
import { join } from "node:path"

/** What identifies one machine, and what replaces it: records are made to be shared. */
export type LocalNames = ReadonlyArray<readonly [local: string, shared: string]>

/** The folders of this machine, innermost first, and its name, for a workspace at `root`. */
export const localNames = (root: string): LocalNames =>
  [
    [root, "."],
    [cacheFolder(), "~/.cache/rigbook"],
    [homedir(), "~"],
    [tmpdir(), "$TMPDIR"],
    [hostname(), "localhost"],
  ]
    // A root folder is the same everywhere, and a name of a few letters may be a word in the log.
    .filter((pair): pair is [string, string] => pair[0]!.length > 3 && pair[0] !== pair[1])
    .toSorted(([a], [b]) => b.length - a.length)

/** A text, or JSON of texts, without the folders and the name of the machine that it was written on. Pure. */
export const withoutLocal = (names: LocalNames, text: string): string => replaced(names, text, "(?<![\\w.-])")

/**
 * Paths of this machine that a record may have written as `path`, the most likely first: several folders, and a folder
 * named like the machine, give the same text. Pure.
 */
export const localPaths = (names: LocalNames, path: string): ReadonlyArray<string> => {
  const folders = names.filter(([local]) => local.startsWith("/"))
  const begun = folders.flatMap(([local, shared]) =>
    path === shared || path.startsWith(`${shared}/`) ? [local + path.slice(shared.length)] : [],
  )
  // One that begins with a dot is usually relative to the config.
  const all = path.startsWith(".") ? [path, ...begun] : [...begun, path]
  const host = names.find(([local]) => !local.startsWith("/"))
  if (host === undefined) return all
  return [...all, ...all.map((one) => replaced([[host[1], host[0]]], one, "(?<![\\w.-])"))].filter(
    (one, at, list) => list.indexOf(one) === at,
  )
}

const replaced = (names: LocalNames, text: string, before: string): string =>
  names.reduce(
    (reported, [local, shared]) =>
      reported.replaceAll(
        new RegExp(`${before}${local.replaceAll(/\W/g, "\\$&")}(?![\\w-]|\\.\\w)`, "g"),
        () => shared,
      ),
    text,
  )

/** Lines of several processes may run together: a path may directly follow an unrelated word. */
const withoutLocalPaths = (names: LocalNames, text: string): string =>
  replaced(
    names.filter(([local]) => local.startsWith("/")),
    text,
    "",
  )

const LOG = /^engine(\.\d+)?\.log$/

/**
 * Removes the names from a cell's engine logs, which engines write in any form. Fails with `PlatformError` where
 * one can't be written, with `UnreadableFile` where one can't be read.
 */
export const shareLogs = Effect.fn("LocalPaths.shareLogs")(function* (folder: string, names: LocalNames) {
  const fs = yield* FileSystem.FileSystem
  for (const name of (yield* fs.readDirectory(folder)).filter((file) => LOG.test(file))) {
    const path = join(folder, name)
    const text = yield* readText(path, FILE_LIMITS.log)
    const reported = withoutLocalPaths(names, withoutLocal(names, text))
    if (reported !== text) yield* fs.writeFileString(path, reported)
  }
})
