import { type ModelConfig, referenceOf } from "@rigbook/core"
import { fetchModel, originFile } from "@rigbook/core/models"
import type { ConfigFile } from "@rigbook/records"
import { Effect, FileSystem, Result } from "effect"
import type { Problems, Reference } from "./Facts.ts"
import { valueOf } from "./Known.ts"
import { namedSource } from "./NamedSource.ts"
import { type Reader, readModel } from "./ReadModel.ts"

/** What a config's references are read with. */
export interface ReferenceInput<R> extends Reader<R> {
  readonly file: ConfigFile
  readonly config: ModelConfig
  /** Of the config: its paths are relative to it. */
  readonly folder: string
  readonly found: Problems
}

/**
 * The references of a config's scenarios, by the scenario's index, each read like the config's own model. Those that are
 * unavailable, or that the backend can't use, are among `found`.
 */
export const gatherReferences = Effect.fn("GatherReferences.gatherReferences")(function* <R>(
  input: ReferenceInput<R>,
): Effect.fn.Return<ReadonlyMap<number, Reference>, never, R | FileSystem.FileSystem> {
  const { backend, config, file, folder, found, reach } = input
  const fs = yield* FileSystem.FileSystem
  const references = new Map<number, Reference>()
  for (const [index, scenario] of config.scenarios.entries()) {
    const source = referenceOf(scenario)
    if (source === undefined) continue
    const at = ["scenarios", index, "reference"]
    const { at: within, named } = namedSource(source)
    const place = [...at, ...within.slice(1)]
    if (backend.diverges !== true) {
      found.issues.push(file.issue(at, `${backend.id} can't compare a model with a reference`))
      continue
    }
    if (reach === "headers") continue
    const fetched = yield* Effect.result(fetchModel(`the reference of ${config.name}`, source, folder))
    if (Result.isFailure(fetched)) {
      found.missing.push(file.issue(place, fetched.failure.message))
      continue
    }
    if (!(yield* Effect.orElseSucceed(fs.exists(fetched.success.path), () => false))) {
      found.missing.push(file.issue(place, `no model file ${fetched.success.path}`))
      continue
    }
    const read = yield* Effect.result(readModel(input, fetched.success))
    if (Result.isFailure(read)) {
      found.missing.push(file.issue(place, read.failure.message))
      continue
    }
    const { isWhole, model } = read.success
    const { sha256 } = originFile(source, model)
    if (isWhole && "path" in named && named.sha256 !== undefined && named.sha256 !== sha256) {
      found.issues.push(file.issue([...place, "sha256"], `the reference's file has SHA-256 ${sha256}`))
      continue
    }
    const files = valueOf(read.success.files)
    if (files !== undefined) references.set(index, { files, model })
  }
  return references
})
