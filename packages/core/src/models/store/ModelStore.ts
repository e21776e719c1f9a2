import { Effect, FileSystem, type PlatformError } from "effect"
import { createReadStream, createWriteStream } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { pipeline } from "node:stream/promises"
import { checkOrdinary } from "../../files/ReadFile.ts"
import { cacheFolder, lockHash } from "../../engine/install/CacheFolder.ts"
import { installOnce, SetupError } from "../../engine/install/Install.ts"
import { unpackPackages } from "../../engine/install/Python.ts"
import type { ModelFacts, ModelFiles } from "../../model/Model.ts"
import type { ModelSource, PackageSource } from "../../model/ModelSource.ts"
import { fileSha256 } from "../formats/FileHash.ts"
import { outlineHub } from "../hub/HubOutline.ts"
import { makeSynthetic, outlineSynthetic } from "../synthetic/SyntheticStore.ts"

/**
 * Where a source's files are, or will be after `fetchModel`: for a quantized one, those that it is made from.
 * `undefined` for generated weights, or ones that Rigbook does not fetch. A relative path starts at `folder`, the
 * config's.
 */
export const modelFiles = (source: ModelSource, folder: string): ModelFiles | undefined => {
  if ("quantized" in source) return modelFiles(source.quantized.from, folder)
  if ("path" in source) return { path: resolve(folder, source.path) }
  return "packages" in source ? { path: join(packageFolder(source), fileOf(source)) } : undefined
}

/** The source file that a model was made from: the model's own if it is neither unpacked nor quantized. */
export const originFile = (source: ModelSource, model: ModelFacts): Pick<ModelFacts, "format" | "sha256"> =>
  ("quantized" in source ? model.quantizedFrom : model.unpackedFrom) ?? model

/**
 * Fetches a source's files if they are missing, and checks their hash on arrival. A
 * model that the config names by path is not touched, existing or not; its path starts at `folder`, the config's. What
 * is to be quantized is left to `Backend.prepare`. Fails with `SetupError` if a file is unavailable or different, with
 * `PlatformError` if it can't be written.
 */
export const fetchModel: (
  name: string,
  source: ModelSource,
  folder: string,
) => Effect.Effect<ModelFiles, SetupError | PlatformError.PlatformError, FileSystem.FileSystem> = Effect.fn(
  "ModelStore.fetchModel",
)(function* (name, source, folder) {
  if ("quantized" in source) {
    const { from, to } = source.quantized
    return { ...(yield* fetchModel(name, from, folder)), quantizeTo: to }
  }
  if ("path" in source) return { path: resolve(folder, source.path) } satisfies ModelFiles
  if ("synthetic" in source) return yield* makeSynthetic(name, source.synthetic)
  if ("hub" in source)
    return yield* new SetupError({
      what: name,
      detail: `The weights of ${source.hub} are not on this machine.`,
      fix: `Download them (hf download ${[source.hub, ...(source.file === undefined ? [] : [source.file])].join(" ")}), and give their path as the config's source.`,
      logTail: [],
    })
  yield* installOnce(packageFolder(source), (partial) => unpack(name, source, partial))
  return { path: join(packageFolder(source), fileOf(source)) } satisfies ModelFiles
})

/**
 * What a plan needs from a source: its headers if the weights are large and not fetched yet, else all its files. Fails
 * with
 * `SetupError` if they are unavailable, with `PlatformError` if they can't be written.
 */
export const outlineModel = Effect.fn("ModelStore.outlineModel")(function* (
  name: string,
  source: ModelSource,
  folder: string,
) {
  if ("hub" in source) return yield* outlineHub(name, source)
  if (!("synthetic" in source)) return yield* fetchModel(name, source, folder)
  return { ...(yield* outlineSynthetic(source.synthetic)), headersOnly: true } satisfies ModelFiles
})

const unpack = Effect.fnUntraced(function* (name: string, source: PackageSource, folder: string) {
  const fs = yield* FileSystem.FileSystem
  yield* unpackPackages({ what: name, requirements: requirementsOf(source) }, folder)
  const file = join(folder, fileOf(source))
  if (typeof source.file !== "string") {
    const parts = source.file.map((part) => join(folder, part))
    for (const [at, part] of parts.entries())
      yield* Effect.mapError(checkOrdinary(part), ({ detail }) => noPart(name, source.file[at]!, detail))
    yield* fs.makeDirectory(dirname(file), { recursive: true })
    yield* Effect.promise(() => concatenate(parts, file))
    yield* Effect.forEach(parts, (part) => fs.remove(part), { discard: true })
  }
  if (source.sha256 === undefined) return
  const found = yield* Effect.catchTag(fileSha256(file), "UnreadableFile", ({ detail }) =>
    Effect.fail(noPart(name, basename(file), detail)),
  )
  if (found !== source.sha256)
    return yield* new SetupError({
      what: name,
      detail: `${basename(file)} has SHA-256 ${found}, but the config says ${source.sha256}.`,
      fix: "Check the config's source; the file was not kept.",
      logTail: [],
    })
})

/** What the config names as the model, or a part of it, can't be read. */
const noPart = (what: string, named: string, detail: string) =>
  new SetupError({
    what,
    detail: `${named}, which the config's source names as the model or a part of it, ${detail}.`,
    fix: "Correct the names in source.file; the packages were not kept.",
    logTail: [],
  })

const packageFolder = (source: PackageSource): string =>
  join(cacheFolder(), "models", `${source.packages[0].name}-${lockHash(JSON.stringify(source))}`)

/** Inside the package folder: the file itself, or what its parts are joined into. */
const fileOf = ({ file }: PackageSource): string =>
  typeof file === "string" ? file : join("joined", basename(file[0]).replace(/\.part\w*$/, ""))

const requirementsOf = ({ packages }: PackageSource): string =>
  packages.map(({ name, sha256, version }) => `${name}==${version} --hash=sha256:${sha256}`).join("\n")

const concatenate = async (parts: ReadonlyArray<string>, file: string): Promise<void> => {
  for (const part of parts) await pipeline(createReadStream(part), createWriteStream(file, { flags: "a" }))
}
