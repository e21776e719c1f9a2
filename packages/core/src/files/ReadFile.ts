import { Effect } from "effect"
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs"
import { type FileLimit, MOST_DEPTH } from "./FileLimits.ts"
import { tooDeep } from "./JsonDepth.ts"
import { UnreadableFile } from "./UnreadableFile.ts"
import { leavesWorkspace } from "./Workspaces.ts"

/**
 * The bytes of an ordinary file, within the limit of its kind. Links may not leave the workspace that the path is in.
 * Everything that Rigbook reads as a whole is read here: a pipe would never end, and an endless device fill the memory.
 * Fails with `UnreadableFile`, for a missing file too.
 */
export const readBytes = (path: string, limit: FileLimit): Effect.Effect<Uint8Array, UnreadableFile> =>
  Effect.try({ try: () => readBytesNow(path, limit), catch: (cause) => cause as UnreadableFile })

/** The same as text in UTF-8. Fails with `UnreadableFile`. */
export const readText = (path: string, limit: FileLimit): Effect.Effect<string, UnreadableFile> =>
  Effect.map(readBytes(path, limit), textOf)

/** The same; `undefined` where there is no such file. Fails with `UnreadableFile` where there is one. */
export const readTextIfAny = (path: string, limit: FileLimit): Effect.Effect<string | undefined, UnreadableFile> =>
  Effect.catch(readText(path, limit), (error) => (error.missing ? Effect.succeed(undefined) : Effect.fail(error)))

/** Without a byte order mark, which some editors write. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** The plain form: each of the steps of reading a small file is faster than handing it to another thread. */
const readBytesNow = (path: string, limit: FileLimit): Uint8Array =>
  whileOpen(path, limit, (file, { size }) => {
    if (size > limit.bytes)
      throw refused(
        path,
        `has ${size.toLocaleString("en")} bytes, but ${limit.kind} may have ${limit.bytes.toLocaleString("en")} at most`,
        "Make it smaller, split it, or move it away.",
      )
    const bytes = new Uint8Array(size)
    let read = 0
    while (read < size) {
      const more = readSync(file, bytes, read, size - read, read)
      if (more === 0) break
      read += more
    }
    const whole = bytes.subarray(0, read)
    const line = limit.json === true ? tooDeep(whole, MOST_DEPTH) : undefined
    if (line === undefined) return whole
    throw refused(
      `${path}:${line}`,
      `has JSON that is nested more than ${MOST_DEPTH} deep`,
      "Write it again with fewer objects and lists inside each other, or move it away.",
    )
  })

/** What a file that is read in parts, such as a model's weights, has to be: an ordinary one. Fails with `UnreadableFile`. */
export const checkOrdinary = (path: string): Effect.Effect<void, UnreadableFile> =>
  Effect.try({
    try: () => whileOpen(path, { shared: true }, () => {}),
    catch: (cause) => cause as UnreadableFile,
  })

const whileOpen = <A>(
  path: string,
  { shared = false }: { readonly shared?: boolean },
  use: (file: number, stats: Stats) => A,
): A => {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | NO_WAIT)
    const stats = fstatSync(file)
    if (!stats.isFile())
      throw refused(path, `is ${kindOf(stats)}, not an ordinary file`, "Put a file in its place, or remove it.")
    if (!shared && leavesWorkspace(path))
      throw refused(
        path,
        "leads out of its workspace through a link",
        "Copy what it links to into the workspace, or remove the link.",
      )
    return use(file, stats)
  } catch (cause) {
    if (cause instanceof UnreadableFile) throw cause
    throw failed(path, cause as NodeJS.ErrnoException)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** A named pipe is opened at once, and not when somebody writes into it. Windows knows neither. */
const NO_WAIT = constants.O_NONBLOCK ?? 0

const kindOf = (stats: Stats): string => {
  if (stats.isDirectory()) return "a folder"
  if (stats.isFIFO()) return "a named pipe"
  return stats.isSocket() ? "a socket" : "a device"
}

const refused = (path: string, detail: string, fix: string): UnreadableFile =>
  new UnreadableFile({ path, detail, fix, missing: false })

const failed = (path: string, { code = "", message }: NodeJS.ErrnoException): UnreadableFile => {
  if (code === "ENOENT" || code === "ENOTDIR")
    return new UnreadableFile({ path, detail: "does not exist", fix: "Check its path.", missing: true })
  const known = CAUSES[code]
  return refused(path, known?.[0] ?? `can't be read: ${message}`, known?.[1] ?? "Check the file and its disk.")
}

const CAUSES: Readonly<Record<string, readonly [detail: string, fix: string]>> = {
  EACCES: ["may not be read", "Check its permissions."],
  EPERM: ["may not be read", "Check its permissions."],
  ELOOP: ["is a link that leads to itself", "Remove the link."],
  ENXIO: ["is a socket or a device, not an ordinary file", "Put a file in its place, or remove it."],
}
