import type { AnyComplete, BackendError, ModelConfig, ModelFiles, Runtime } from "@rigbook/core"
import { originFile } from "@rigbook/core/models"
import type { ConfigFile } from "@rigbook/records"
import { Effect, type FileSystem, Result } from "effect"
import type { Chosen, EngineFacts, Problems, Reach } from "./Facts.ts"
import { gatherReferences } from "./GatherReferences.ts"
import type { Known } from "./Known.ts"
import { restrictedTo } from "../vendors/Vendors.ts"
import { namedSource } from "./NamedSource.ts"
import { withoutBrokenPlugin } from "./WithoutBrokenPlugin.ts"
import { type Read, readModel, wholeSha256 } from "./ReadModel.ts"
import { gatherServed } from "./Served.ts"

/** What is needed to read an engine and the model in it. */
export interface EngineInput {
  readonly reach: Reach
  readonly file: ConfigFile
  readonly config: ModelConfig
  /** The model's; left out if they are unavailable. */
  readonly files: ModelFiles | undefined
  /** Of the config: its paths are relative to it. */
  readonly folder: string
  readonly found: Problems
}

/** Reads what an engine is, and what the model is in it; `undefined` if that can't be planned, which is reported. */
export const gatherEngine = <R>(
  input: EngineInput,
  chosen: Chosen<R>,
): Effect.Effect<EngineFacts<R> | undefined, never, R | FileSystem.FileSystem> =>
  withoutBrokenPlugin(input.file, chosen.backend.id, input.found.missing, readEngine(input, chosen))

const readEngine = Effect.fn("GatherEngine.readEngine")(function* <R>(
  input: EngineInput,
  chosen: Chosen<R>,
): Effect.fn.Return<EngineFacts<R> | undefined, never, R | FileSystem.FileSystem> {
  const { config, file, files, folder, found, reach } = input
  const { backend, options } = chosen
  const { issues, missing } = found
  const at = ["backends", backend.id]
  const why = unable(backend, config)
  if (why !== undefined) {
    issues.push(file.issue(at, why))
    return undefined
  }
  const unfit = reach === "headers" ? [] : yield* backend.check(options)
  issues.push(...unfit.map((issue) => file.issue([...at, ...issue.path], issue.message)))
  // What is wrong with an option would only be reported once more by the probe.
  const probed =
    reach === "headers" || unfit.length > 0
      ? undefined
      : yield* Effect.result(backend.probe(options, { waitMs: reach === "whole" ? config.protocol.openTimeoutMs : 0 }))
  if (probed !== undefined && Result.isFailure(probed)) missing.push(file.issue(at, probed.failure.message))
  const runtime = runtimeOf(probed)
  if ("served" in config.source) return unfit.length > 0 ? undefined : yield* gatherServed(chosen, runtime, input)
  if (files === undefined) return undefined
  const read = yield* Effect.result(readModel({ backend, runtime, reach }, files))
  if (Result.isFailure(read)) {
    missing.push(file.issue("path" in config.source ? ["source", "path"] : ["source"], read.failure.message))
    return undefined
  }
  const { files: ready, model } = read.success
  const unsuited = backend.checkModel(options, model)
  issues.push(...unsuited.map(({ message, path }) => file.issue([...at, ...path], message)))
  const asPinned = yield* isAsPinned(input, backend, files, read.success)
  if (!asPinned || unfit.length > 0 || unsuited.length > 0) return undefined
  const failure = probed !== undefined && Result.isFailure(probed) ? { failure: probed.failure } : {}
  const unusable =
    "absent" in runtime
      ? []
      : yield* backend.unusable({
          config: options,
          host: chosen.host,
          runtime: runtime.value,
          restrict: (ids) => restrictedTo(ids, chosen.host),
        })
  const references = yield* gatherReferences({ backend, runtime, reach, file, config, folder, found })
  return { ...chosen, ...failure, runtime, unusable, model, files: ready, references, answers: new Map() }
})

/** Why a backend can't do what a config requests. */
const unable = <R>({ quantizes, tasks }: AnyComplete<R>, { source, task }: ModelConfig): string | undefined => {
  if ("quantized" in source && !quantizes) return "can't quantize models; name a source that already is quantized"
  return tasks.includes(task) ? undefined : `can't ${task}; it can ${tasks.join(", ")}`
}

const runtimeOf = (probed: Result.Result<Runtime, BackendError> | undefined): Known<Runtime> => {
  if (probed === undefined) return { absent: "not checked on a host that is only described" }
  return Result.match(probed, {
    onSuccess: (value): Known<Runtime> => ({ value }),
    onFailure: ({ reason }) => ({ absent: `${reason.detail} ${reason.fix}` }),
  })
}

/** Whether the model's file is the one that the config pins by its hash, where it does. */
const isAsPinned = Effect.fnUntraced(function* <R>(
  { config: { source }, file, found, reach }: EngineInput,
  backend: AnyComplete<R>,
  files: ModelFiles,
  { isWhole, model }: Read,
) {
  const { at, named } = namedSource(source)
  const pinned = "path" in named ? named.sha256 : undefined
  if (pinned === undefined || reach === "headers") return true
  const sha256 = isWhole
    ? originFile(source, model).sha256
    : yield* Effect.orElseSucceed(wholeSha256(backend, files), () => pinned) // the run reports what can't be read
  if (sha256 === pinned) return true
  found.issues.push(file.issue([...at, "sha256"], `the model's files have SHA-256 ${sha256}`))
  return false
})
