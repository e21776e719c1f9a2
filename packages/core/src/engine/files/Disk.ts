import { Effect, FileSystem, PlatformError } from "effect"
import { statfsSync } from "node:fs"
import { constants } from "node:os"
import { dirname } from "node:path"
import { makeIn } from "./MakeFolder.ts"

/** Why a file can't be written, and what to do, where the disk or the rights on it are the reason. */
export interface DiskProblem {
  /** Whether it is of the whole disk or shell, not of one path: the next cell would meet it too. */
  readonly everywhere: boolean
  readonly detail: string
  readonly fix: string
}

/** `undefined` where something else is the reason. */
export const diskProblem = (
  error: PlatformError.PlatformError,
  path = pathOf(error),
  bytes?: number,
): DiskProblem | undefined => {
  const known = problems.get(error)
  if (known !== undefined) return known
  return PROBLEMS[codeOf((error.reason.cause ?? {}) as NodeJS.ErrnoException)]?.(
    path,
    `${path} needs ${bytes === undefined ? "more room" : `${bytes} bytes`}`,
  )
}

/** Node has no name for a quota that is used up: its code is then "Unknown system error -122". */
const codeOf = ({ code = "", errno }: NodeJS.ErrnoException): string =>
  errno === -constants.errno.EDQUOT ? "EDQUOT" : code

const cannotBeMade = (path: string): DiskProblem => ({
  everywhere: false,
  detail: `${path} can't be made.`,
  fix: "Check the path: a part of it is a file or a link to itself, or it is too long.",
})

const notAllowed = (path: string): DiskProblem => ({
  everywhere: false,
  detail: `This user may not use ${path}.`,
  fix: "Check who owns it, and the rights of its folder.",
})

/** By the system's code. */
const PROBLEMS: Readonly<Record<string, (path: string, needs: string) => DiskProblem>> = {
  ENOSPC: (path, needs) => ({
    everywhere: true,
    detail: `The disk is full: ${needs}${freeAt(path)}.`,
    fix: "Free some space, then run the command again.",
  }),
  EDQUOT: (_, needs) => ({
    everywhere: true,
    detail: `The disk is full for this user, whose quota is used up: ${needs}.`,
    fix: "Free some space or raise the quota, then run the command again.",
  }),
  EROFS: (path) => ({
    everywhere: true,
    detail: `The disk is read-only: ${path} can't be written.`,
    fix: "Mount it for writing, or use another.",
  }),
  EFBIG: (_, needs) => ({
    everywhere: true,
    detail: `A file may not be that large: ${needs}.`,
    fix: "Raise the limit of this shell: ulimit -f.",
  }),
  EACCES: notAllowed,
  EPERM: notAllowed,
  ENOTDIR: cannotBeMade,
  EEXIST: cannotBeMade,
  ELOOP: cannotBeMade,
  ENAMETOOLONG: cannotBeMade,
}

/** Problems that were found when they came, with the bytes that were needed. */
const problems = new WeakMap<PlatformError.PlatformError, DiskProblem>()

const pathOf = ({ reason }: PlatformError.PlatformError): string =>
  reason._tag !== "BadArgument" && reason.pathOrDescriptor !== undefined ? String(reason.pathOrDescriptor) : "a file"

/** What is free there; a disk can be full of files, too. */
const freeAt = (path: string): string => {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(dirname(path))
    return files > 0 && ffree === 0 ? ", and it can hold no more files" : `, and ${bavail * bsize} bytes are free`
  } catch {
    return ""
  }
}

/** Files are written beside their places, which is of no interest to people: see `partialPath`. */
const PARTIAL = /\.partial-[^/]*$/

/** A file system whose errors name the reason where that is the disk: how many bytes a write needed is known only here. */
export const explainedFiles = (fs: FileSystem.FileSystem): FileSystem.FileSystem => {
  const explain =
    (path: string, bytes?: number, otherwise?: DiskProblem) =>
    <A, R>(effect: Effect.Effect<A, PlatformError.PlatformError, R>) =>
      Effect.mapError(effect, (error) => {
        const problem = diskProblem(error, path.replace(PARTIAL, ""), bytes) ?? otherwise
        if (problem === undefined || error.reason._tag === "BadArgument") return error
        const { cause, method, module, syscall, _tag } = error.reason
        const explained = PlatformError.systemError({
          _tag,
          module,
          method,
          ...(syscall === undefined ? {} : { syscall }),
          pathOrDescriptor: path,
          description: problem.detail.slice(0, -1), // a sentence goes on after it
          cause,
        })
        problems.set(explained, problem)
        return explained
      })
  const file = (path: string, open: FileSystem.File): FileSystem.File =>
    new Proxy(open, {
      get: (target, key) => {
        if (key === "writeAll") return (bytes: Uint8Array) => explain(path, bytes.length)(target.writeAll(bytes))
        const member: unknown = Reflect.get(target, key, target)
        return typeof member === "function" ? member.bind(target) : member
      },
    })
  return {
    ...fs,
    link: (from, to) => explain(to)(fs.link(from, to)),
    access: (path, options) => explain(path)(fs.access(path, options)),
    exists: (path) => explain(path)(fs.exists(path)),
    makeDirectory: (path, options) =>
      options?.recursive === true && options.mode === undefined
        ? makeIn(
            {
              stat: fs.stat,
              makeDirectory: (one) => explain(one, undefined, cannotBeMade(one))(fs.makeDirectory(one)),
            },
            path,
          )
        : explain(path)(fs.makeDirectory(path, options)),
    open: (path, options) => Effect.map(explain(path)(fs.open(path, options)), (opened) => file(path, opened)),
    rename: (from, to) => explain(to)(fs.rename(from, to)),
    writeFile: (path, data, options) => explain(path, data.length)(fs.writeFile(path, data, options)),
    writeFileString: (path, text, options) =>
      explain(path, Buffer.byteLength(text))(fs.writeFileString(path, text, options)),
  }
}
