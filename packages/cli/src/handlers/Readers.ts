import { type AnyComplete, complete, type ModelFacts, type ModelFiles, type Task } from "@rigbook/core"
import { Effect, FileSystem, Result } from "effect"
import { join } from "node:path"
import { usageFailure } from "../Failure.ts"
import { installedBackends } from "../Plugins.ts"

/** A backend, and a model as it reads it. */
export interface Reader<R> {
  readonly backend: AnyComplete<R>
  readonly model: ModelFacts
}

/** The installed backends that can read a model's headers, and what they read. Fails where none can, with each one's reason. */
export const readersOf = Effect.fn("Readers.readersOf")(function* (files: ModelFiles) {
  const backends = yield* installedBackends
  const read = yield* Effect.forEach(backends.ids, (id) =>
    Effect.gen(function* () {
      const backend = complete((yield* backends.get(id))!)
      return { backend, model: yield* Effect.result(backend.inspect({ ...files, headersOnly: true })) }
    }),
  )
  const [first, ...rest] = read.flatMap(({ backend, model }) =>
    Result.isSuccess(model) ? [{ backend, model: model.success }] : [],
  )
  if (first !== undefined) return [first, ...rest] as const
  const why = read.map(({ model }) => (Result.isFailure(model) ? `  ${model.failure.message}` : ""))
  return yield* usageFailure(`No backend can read ${files.path}.\n${why.join("\n")}`)
})

/** Architectures that turn texts into vectors, and tables of tokens that do. */
const ENCODERS = /bert|mpnet|embedding|^static$/i

/** What a model is for, as far as its files say: folders of sentence-transformers and encoders embed, all others write. */
export const taskOf = Effect.fn("Readers.taskOf")(function* (
  { path }: ModelFiles,
  { architecture }: Pick<ModelFacts, "architecture">,
) {
  const fs = yield* FileSystem.FileSystem
  const isSentenceModel = yield* Effect.orElseSucceed(fs.exists(join(path, "modules.json")), () => false)
  return (isSentenceModel || ENCODERS.test(architecture) ? "embed" : "generate") satisfies Task
})
