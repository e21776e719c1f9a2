import type { AnyComplete, ModelFacts, ModelFiles, Runtime } from "@rigbook/core"
import { ggufSha256 } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import type { Reach } from "./Facts.ts"
import { type Known, valueOf } from "./Known.ts"

/** What is needed to read a model. */
export interface Reader<R> {
  readonly backend: AnyComplete<R>
  readonly runtime: Known<Runtime>
  readonly reach: Reach
}

/** A model as an engine reads it: see `EngineFacts`. */
export interface Read {
  readonly model: ModelFacts
  readonly files: Known<ModelFiles>
  /** The complete files were read, not only their headers. */
  readonly isWhole: boolean
}

/**
 * Reads what a model is. For a run its files are prepared first and read completely; a plan uses what earlier runs have
 * prepared, and reads headers. Models whose weights are not fetched yet are always read by their headers.
 */
export const readModel = Effect.fn("ReadModel.readModel")(function* <R>(
  { backend, reach, runtime }: Reader<R>,
  files: ModelFiles,
) {
  const { inspect, prepare } = backend
  const engine = valueOf(runtime)
  const isOutline = files.headersOnly === true
  if (reach === "whole" && !isOutline && (prepare === undefined || engine !== undefined)) {
    const ready = prepare === undefined || engine === undefined ? files : yield* prepare(files, engine)
    return { model: yield* inspect(ready), files: { value: ready }, isWhole: true } satisfies Read
  }
  const ready: Known<ModelFiles> =
    prepare === undefined
      ? { value: files }
      : "absent" in runtime
        ? runtime
        : yield* prepared(backend, runtime.value, files)
  const model = yield* inspect({ ...(valueOf(ready) ?? files), headersOnly: true })
  if (reach === "here" && !isOutline && valueOf(ready)?.path === files.path && (yield* isShorter(files.path, model)))
    yield* inspect(files) // reports a truncated file, as a run does
  return { model, files: ready, isWhole: false } satisfies Read
})

/** Files that need no preparing, or that lie in the cache. */
const prepared = <R>(backend: AnyComplete<R>, runtime: Runtime, files: ModelFiles) =>
  files.headersOnly === true || backend.prepared === undefined
    ? Effect.succeed<Known<ModelFiles>>(files.headersOnly === true ? { value: files } : NOT_YET)
    : Effect.map(backend.prepared(files, runtime), (ready): Known<ModelFiles> =>
        ready === undefined ? NOT_YET : { value: ready },
      )

const NOT_YET = { absent: "its files are not prepared yet" }

/** Whether a file is shorter than its header says. */
const isShorter = Effect.fnUntraced(function* (path: string, { fileBytes }: ModelFacts) {
  const fs = yield* FileSystem.FileSystem
  const stat = yield* Effect.option(fs.stat(path))
  return stat._tag === "Some" && stat.value.type === "File" && Number(stat.value.size) < fileBytes
})

/** The SHA-256 of a complete model: of a GGUF or its parts, else what its backend makes of the files that affect the answers. */
export const wholeSha256 = Effect.fn("ReadModel.wholeSha256")(function* <R>(
  { inspect }: AnyComplete<R>,
  { path }: ModelFiles,
) {
  // Of a GGUF that a backend unpacks, `inspect` says what it will be.
  return /\.gguf$/i.test(path) ? yield* ggufSha256(path) : (yield* inspect({ path })).sha256
})
