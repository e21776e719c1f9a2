import { ModelFacts, type ModelFiles, NotInstalled, report, type Runtime, Unsupported } from "@rigbook/core"
import { cacheFolder, type CommandFailed, installOnce, lockHash, shortCommand } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { vllmEnvironment } from "./Environment.ts"
import { fail, SETUP } from "./Program.ts"
import { pythonFile } from "./PythonFiles.ts"

/** Tens of gigabytes are read, computed and written: this only ends a process that hangs. */
const TIMEOUT_MS = 3_600_000

/**
 * vLLM reads no GGUF: such a file is unpacked by vLLM's own Python to a folder of bf16 safetensors in the cache, once
 * for each file and each transformers, whose tokenizer and configuration it becomes. Folders stay unchanged.
 */
export const prepare = Effect.fn("Unpack.prepare")(function* (files: ModelFiles, runtime: Runtime) {
  if (!isGguf(files)) return files
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
export const prepared = Effect.fn("Unpack.prepared")(function* (files: ModelFiles, runtime: Runtime) {
  if (!isGguf(files)) return files
  const made = yield* targetOf(files, runtime)
  const fs = yield* FileSystem.FileSystem
  return (yield* Effect.orElseSucceed(fs.exists(made.path), () => false)) ? made : undefined
})

const SCRIPT = "unpack_gguf.py"

/** The folder in the cache that a file is unpacked to. */
const targetOf = Effect.fnUntraced(function* ({ path }: ModelFiles, { libraries }: Runtime) {
  const header = yield* Effect.mapError(readGguf(path), (reason) => fail(reason))
  const fs = yield* FileSystem.FileSystem
  const recipe = yield* Effect.orDie(fs.readFileString(pythonFile(SCRIPT)))
  const key = lockHash(header.sha256, recipe, libraries["transformers"] ?? "")
  const made: ModelFiles = { path: join(cacheFolder(), "models", `unpacked-${key}`), unpackedFrom: sourceOf(header) }
  return made
})

export const isGguf = ({ path }: ModelFiles): boolean => /\.gguf$/i.test(path)

const sourceOf = ({ bitsPerWeight, quantization, sha256 }: ModelFacts) =>
  ({ format: "gguf", quantization, bitsPerWeight, sha256 }) as const

/** What a GGUF will be once it is unpacked, as far as its header says; its format says that it is not unpacked yet. */
export const unpackedFacts = (path: string) =>
  Effect.map(readGguf(path, { headersOnly: true }), (header) => {
    const { tensorBytes: _, types: __, ...facts } = header
    return new ModelFacts({
      ...facts,
      quantization: "BF16",
      bitsPerWeight: 16,
      weightBytes: 2 * facts.parameters,
      unpackedFrom: sourceOf(header),
    })
  })

const unpack = Effect.fnUntraced(function* (runtime: Runtime, file: string, folder: string) {
  const step = `unpack ${basename(file)}`
  yield* report({ step, detail: "vLLM does not read GGUF" })
  const tell = yield* Effect.context<never>()
  const python = join(dirname(runtime.path), "python")
  yield* shortCommand(python, [pythonFile(SCRIPT), file, folder], {
    env: vllmEnvironment(),
    timeoutMs: TIMEOUT_MS,
    guarded: true,
    onLine: (line) => {
      const detail = /^step: (.+)/.exec(line)?.[1]
      if (detail !== undefined) Effect.runForkWith(tell)(report({ step, detail }))
    },
  }).pipe(Effect.mapError((cause) => explained(basename(file), cause)))
  yield* report({ step, detail: "unpacked to bf16", finished: true })
})

/** Python's last line names the exception; without gguf or accelerate, transformers says which of them is missing. */
const explained = (name: string, cause: CommandFailed) => {
  const log = cause.output.trimEnd().split("\n")
  const why = log.findLast((line) => /^[\w.]*(?:Error|Exception)\b.*: ./.test(line)) ?? cause.message
  const detail = `${name} can't be unpacked for vLLM: ${why}.`
  return fail(
    /(ImportError|ModuleNotFoundError)/.test(why)
      ? new NotInstalled({ detail, fix: SETUP })
      : new Unsupported({ detail, fix: "Name a folder of safetensors in the config's source, or another backend." }),
    log.slice(-40),
  )
}
