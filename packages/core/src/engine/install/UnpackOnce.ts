import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import type { ModelFiles, UnpackedFrom } from "../../model/Model.ts"
import { report } from "../../Progress.ts"
import { type BadModel, backendError, type Reason, Unsupported } from "../../runtime/BackendError.ts"
import type { Runtime } from "../../runtime/Runtime.ts"
import { shortCommand } from "../process/ShortCommand.ts"
import { cacheFolder, lockHash } from "./CacheFolder.ts"
import { installOnce } from "./Install.ts"

/** How a backend unpacks files of a format that its engine does not read, with a Python script. */
export interface Unpacking {
  /** The backend's id. */
  readonly backend: string
  /** Whether files have that format; others stay as they are. */
  readonly isPacked: (files: ModelFiles) => boolean
  /** What a file is, as its folder's `unpackedFrom` has it. */
  readonly sourceOf: (path: string) => Effect.Effect<UnpackedFrom, BadModel, FileSystem.FileSystem>
  /** The script: it is given the file and the folder to fill, and prints `step: …` for each of its steps. */
  readonly script: string
  readonly python: (runtime: Runtime) => string
  readonly env: () => Readonly<Record<string, string>>
  /** What else decides about the result, such as versions of libraries. */
  readonly beside?: (runtime: Runtime) => ReadonlyArray<string>
  /** What the weights become, such as `bf16`. */
  readonly form: string
  /** Longest that it may take, in milliseconds. */
  readonly timeoutMs: number
  /** Why it failed, from the line in which Python names the exception. */
  readonly failed: (name: string, why: string) => Reason
}

/**
 * `prepare` and `prepared` of a backend that unpacks: each file once, to a folder in the cache named by the file's hash, the
 * script and what is `beside`. They fail with `BackendError`.
 */
export const unpackOnce = (unpacking: Unpacking) => {
  const { backend, isPacked, script } = unpacking
  const fail = backendError(backend)

  const targetOf = Effect.fnUntraced(function* ({ path }: ModelFiles, runtime: Runtime) {
    const unpackedFrom = yield* Effect.mapError(unpacking.sourceOf(path), (reason) => fail(reason))
    const fs = yield* FileSystem.FileSystem
    const recipe = yield* Effect.orDie(fs.readFileString(script))
    const key = lockHash(unpackedFrom.sha256, recipe, ...(unpacking.beside?.(runtime) ?? []))
    return { path: join(cacheFolder(), "models", `unpacked-${key}`), unpackedFrom } satisfies ModelFiles
  })

  const unpack = Effect.fnUntraced(function* (runtime: Runtime, file: string, folder: string) {
    const name = basename(file)
    const step = `unpack ${name}`
    yield* report({ step, detail: `${backend} does not read this format` })
    const context = yield* Effect.context<never>()
    yield* shortCommand(unpacking.python(runtime), [script, file, folder], {
      env: unpacking.env(),
      timeoutMs: unpacking.timeoutMs,
      guarded: true,
      onLine: (line) => {
        const detail = /^step: (.+)/.exec(line)?.[1]
        if (detail !== undefined) Effect.runForkWith(context)(report({ step, detail }))
      },
    }).pipe(
      Effect.mapError((cause) => {
        const log = cause.output.trimEnd().split("\n")
        const why = log.findLast((line) => /^[\w.]*(?:Error|Exception)\b.*: ./.test(line)) ?? cause.message
        return fail(unpacking.failed(name, why), log.slice(-40))
      }),
    )
    yield* report({ step, detail: `unpacked to ${unpacking.form}`, finished: true })
  })

  const prepare = Effect.fn("UnpackOnce.prepare")(function* (files: ModelFiles, runtime: Runtime) {
    if (!isPacked(files)) return files
    const made = yield* targetOf(files, runtime)
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
  const prepared = Effect.fn("UnpackOnce.prepared")(function* (files: ModelFiles, runtime: Runtime) {
    if (!isPacked(files)) return files
    const made = yield* targetOf(files, runtime)
    const fs = yield* FileSystem.FileSystem
    return (yield* Effect.orElseSucceed(fs.exists(made.path), () => false)) ? made : undefined
  })

  return { prepare, prepared }
}
