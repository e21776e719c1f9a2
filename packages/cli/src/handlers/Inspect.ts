import {
  type AnyComplete,
  bytesOf,
  type DemandPart,
  type Host,
  ModelConfig,
  type ModelFacts,
  type ModelFiles,
  Scenario,
} from "@rigbook/core"
import { outlineModel } from "@rigbook/core/models"
import { ConfigError, decodeAt } from "@rigbook/records"
import { planModel } from "@rigbook/runner"
import { Effect, FileSystem, Result, Schema } from "effect"
import { dirname, join, resolve } from "node:path"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { hostHere } from "../Plugins.ts"
import { openWorkspace, readConfigs } from "./OpenWorkspace.ts"
import { readersOf } from "./Readers.ts"

/** What `rigbook inspect` was called with. */
export interface InspectInput {
  readonly model: string
  readonly json: boolean
}

/** Shows what a model is and what memory it needs, by each backend that reads it. Only headers are read. */
export const inspect = Effect.fn("Inspect.inspect")(function* ({ json, model: name }: InspectInput) {
  const files = { ...(yield* filesOf(name)), headersOnly: true }
  const readers = yield* readersOf(files)
  const host = yield* hostHere
  const demands = readers.map(({ backend, model }) => {
    const contexts = demandsOf(backend, model, host)
    return { backend: backend.id, ...cachePerToken(contexts), contexts }
  })
  const { model } = readers[0]
  // A backend whose options have no defaults, such as a server's address, has no demand to show.
  const shown = demands.filter(({ contexts }) => contexts.length > 0)
  yield* json ? printJson({ path: files.path, model, demand: demands }) : print(page(files.path, model, shown))
  return EXIT.done
})

/** An existing file or folder, else the source of a config. */
const filesOf = Effect.fnUntraced(function* (name: string) {
  const fs = yield* FileSystem.FileSystem
  const isConfig = /\.ya?ml$/.test(name)
  if (!isConfig && (yield* fs.exists(name))) return { path: resolve(name) } satisfies ModelFiles
  const workspace = yield* openWorkspace
  const { file, path } = (yield* readConfigs(workspace, [name]))[0]!
  const config = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], ModelConfig, file.value)
  if (Result.isSuccess(config))
    return yield* outlineModel(config.success.name, config.success.source, join(workspace.root, dirname(path)))
  const [first, ...rest] = config.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})

interface AtContext {
  /** Tokens; left out where the backend's demand does not depend on it. */
  readonly context?: number
  readonly bytes: number
  readonly parts: ReadonlyArray<DemandPart>
}

const SHORTEST = 512

const scenarioOf = Schema.decodeUnknownSync(Scenario)

/** Demand with the backend's defaults at 512 tokens and each doubling, up to the model's trained context. */
const demandsOf = <R>(backend: AnyComplete<R>, model: ModelFacts, host: Host): ReadonlyArray<AtContext> => {
  const options = Schema.decodeUnknownResult(backend.config)({})
  if (Result.isFailure(options)) return []
  const scenario = scenarioOf(
    backend.tasks.includes("generate")
      ? { kind: "latency", prompts: "any" }
      : { kind: "batch", prompts: "any", documents: 32, batchSize: 32 },
  )
  const at = (context?: number): AtContext => {
    const config: unknown =
      context === undefined || backend.withContext === undefined
        ? options.success
        : backend.withContext(options.success, context)
    const { parts } = planModel({ backend, options: config, model, scenario, host }).whole
    return { ...(context === undefined ? {} : { context }), bytes: bytesOf(parts), parts }
  }
  const { contextLength } = model
  if (backend.withContext === undefined || contextLength === undefined) return [at()]
  const doubles: Array<number> = []
  for (let tokens = SHORTEST; tokens < contextLength; tokens *= 2) doubles.push(tokens)
  return [...doubles, contextLength].map((tokens) => at(tokens))
}

/** Bytes that the cache grows by per token: between the longest contexts, where all windows are full. */
const cachePerToken = (contexts: ReadonlyArray<AtContext>): { readonly kvBytesPerToken?: number } => {
  const cacheOf = ({ parts }: AtContext): number => bytesOf(parts.filter(({ name }) => name === "KV cache"))
  const [before, last] = contexts.slice(-2)
  if (before?.context === undefined || last?.context === undefined) return {}
  const grown = (cacheOf(last) - cacheOf(before)) / (last.context - before.context)
  return grown > 0 ? { kvBytesPerToken: grown } : {}
}

interface BackendDemand {
  readonly backend: string
  readonly kvBytesPerToken?: number
  readonly contexts: ReadonlyArray<AtContext>
}

const page = (path: string, model: ModelFacts, demands: ReadonlyArray<BackendDemand>): string =>
  [
    path,
    "",
    ...facts(model).flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(16)}${value}`])),
    "",
    table(
      ["type", "tensors", "parameters", "MiB", "share"],
      (model.types ?? []).map(({ bytes, parameters, tensors, type }) => [
        type,
        String(tensors),
        String(parameters),
        mib(bytes),
        `${((100 * bytes) / model.weightBytes).toFixed(1)} %`,
      ]),
    ),
    ...demands.flatMap(({ backend, contexts, kvBytesPerToken }) => [
      "",
      `Memory in MiB by ${backend}, all on one device${kvBytesPerToken === undefined ? "" : `; KV cache: ${(kvBytesPerToken / 1024).toFixed(1)} KiB a token`}:`,
      demandTable(contexts),
    ]),
  ].join("\n")

const facts = (model: ModelFacts): ReadonlyArray<readonly [name: string, value: string | undefined]> => {
  const { experts, expertsUsed, heads, hiddenSize, keyLength, kvHeads, layers, slidingWindow, valueLength } = model
  const reported = (value: number | undefined, unit = "") => (value === undefined ? undefined : `${value}${unit}`)
  return [
    ["architecture", model.architecture],
    ["format", `${model.format}, ${model.quantization}`],
    ["parameters", `${model.parameters} (${(model.parameters / 1e9).toFixed(2)} B)`],
    ["bits per weight", model.bitsPerWeight.toFixed(2)],
    ["weights", `${mib(model.weightBytes)} MiB`],
    ["layers", reported(layers)],
    ["trained context", reported(model.contextLength, " tokens")],
    ["positions", model.positions === model.contextLength ? undefined : reported(model.positions)],
    ["hidden size", reported(hiddenSize)],
    ["vectors", vectorsOf(model)],
    ["prompts", model.prompts && JSON.stringify(model.prompts)],
    ["feed-forward", reported(model.feedForward)],
    ["experts", experts === undefined ? undefined : `${experts}, ${expertsUsed ?? "an unknown number"} used`],
    ["heads", heads === undefined ? undefined : `${heads}, ${kvHeads ?? heads} of keys and values`],
    ["head width", keyLength === undefined ? undefined : `${keyLength} of keys, ${valueLength ?? keyLength} of values`],
    [
      "window",
      slidingWindow === undefined
        ? undefined
        : `${slidingWindow.tokens} tokens in ${slidingWindow.layers.length} layers`,
    ],
    ["vocabulary", reported(model.vocabulary, " tokens")],
  ]
}

/** How wide an embedding model's vectors are, where that differs from the width of its hidden state. */
const vectorsOf = ({ dimensions, hiddenSize, shortenedTo }: ModelFacts): string | undefined => {
  const width = shortenedTo ?? dimensions
  if (width === undefined) return undefined
  return `${width} wide${shortenedTo === undefined ? "" : `, shortened from ${dimensions ?? hiddenSize}`}`
}

const demandTable = (contexts: ReadonlyArray<AtContext>): string => {
  const names = contexts[0]?.parts.map(({ name }) => name) ?? []
  return table(
    ["context", ...names, "all"],
    contexts.map(({ bytes, context, parts }) => [
      context === undefined ? "any" : String(context),
      ...names.map((name) => mib(bytesOf(parts.filter((part) => part.name === name)))),
      mib(bytes),
    ]),
  )
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
