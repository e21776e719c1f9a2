import { type AnyComplete, complete, type ModelFacts, type ModelFiles, Scenario, type Task } from "@rigbook/core"
import { Effect, FileSystem, Result, Schema } from "effect"
import { join } from "node:path"
import { usageFailure } from "../Failure.ts"
import { installedBackends } from "../Plugins.ts"
import type { NamedModel } from "./PlanTargets.ts"

/** A backend, and a model as it reads it. */
export interface Reader<R> {
  readonly backend: AnyComplete<R>
  readonly model: ModelFacts
}

/** What to do where no installed backend runs a model: which one it needs is seen by its files. */
const INSTALL = [
  "A GGUF file:             npm install rigbook @rigbook/backend-llamacpp",
  "A folder of safetensors: npm install rigbook @rigbook/backend-sentence-transformers   to embed",
  "                         npm install rigbook @rigbook/backend-vllm                    to generate",
  "A model in ONNX:         npm install rigbook @rigbook/backend-onnxruntime             to embed",
].join("\n")

/** Why no installed backend reads a model, by each one's reason, and what to install. */
export const unreadable = (path: string, reasons: ReadonlyArray<string>): string =>
  [
    reasons.length === 0 ? `No backend is installed, so none can read ${path}.` : `No backend can read ${path}.`,
    ...reasons.map((reason) => `  ${reason}`),
    `${reasons.length === 0 ? "Install one" : "If another reads it, install that one"}:`,
    INSTALL,
  ].join("\n")

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
  const reasons = read.flatMap(({ model }) => (Result.isFailure(model) ? [model.failure.message] : []))
  return yield* usageFailure(unreadable(files.path, reasons))
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

const scenarioOf = Schema.decodeUnknownSync(Scenario)

/** What a model is planned for where no config says it: a person's question, or a batch of texts. */
const SCENARIOS: Readonly<Record<Task, Scenario>> = {
  generate: scenarioOf({ kind: "latency", prompts: "any" }),
  embed: scenarioOf({ kind: "batch", prompts: "any", documents: 32, batchSize: 32 }),
}

/** What a model is for, and the backends that read it and do that, with their default options. Fails where there is none. */
export const suitedTo = Effect.fn("Readers.suitedTo")(function* ({ files, name }: NamedModel) {
  const readers = yield* readersOf(files)
  const task: Task = yield* taskOf(files, readers[0].model)
  const [first, ...rest] = readers.flatMap(({ backend, model }) => {
    const decoded = Schema.decodeUnknownResult(backend.config)({})
    const options: unknown = Result.getOrUndefined(decoded)
    return backend.tasks.includes(task) && Result.isSuccess(decoded) ? [{ backend, model, options }] : []
  })
  if (first !== undefined) return { task, scenario: SCENARIOS[task], backends: [first, ...rest] as const }
  const read = readers.map(({ backend }) => backend.id).join(", ")
  return yield* usageFailure(
    `${name} can be read by ${read}, but no backend that can ${task} with it is installed. Install one:\n${INSTALL}`,
  )
})
