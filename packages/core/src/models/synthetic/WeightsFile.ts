import { Effect, FileSystem } from "effect"
import { statfs } from "node:fs/promises"
import { dirname } from "node:path"
import { SetupError } from "../../engine/install/Install.ts"
import type { GgmlTypeName } from "../../model/GgmlType.ts"
import { report } from "../../Progress.ts"
import { randomWeights } from "./RandomWeights.ts"

/** What follows a file's header: numbers that are all 1 or all 0, or random weights. */
export interface Part {
  readonly type: GgmlTypeName
  readonly bytes: number
  readonly fill: "random" | "ones" | "zeros"
  /** Bytes up to the next part. */
  readonly padding: number
}

/** A file that is still to be written. */
export interface WeightsFile {
  readonly header: Buffer
  readonly parts: ReadonlyArray<Part>
}

export const fileBytes = ({ header, parts }: WeightsFile): number =>
  parts.reduce((sum, { bytes, padding }) => sum + bytes + padding, header.length)

/** Writes the complete file, some megabytes at a time, reporting `Progress`. */
export const writeWeights = Effect.fn("WeightsFile.writeWeights")(function* (
  what: string,
  path: string,
  weights: WeightsFile,
) {
  const fs = yield* FileSystem.FileSystem
  const total = fileBytes(weights)
  yield* checkSpace(what, dirname(path), total)
  const step = `${what}: creating random weights`
  const file = yield* fs.open(path, { flag: "w" })
  const random = randomWeights()
  let done = 0
  let reported = 0
  const write = Effect.fnUntraced(function* (bytes: Uint8Array) {
    yield* file.writeAll(bytes)
    done += bytes.length
    if (done - reported < 2 ** 27) return
    reported = done
    yield* report({ step, done, total, unit: "B" })
  })
  yield* write(weights.header)
  for (const { bytes, fill, padding, type } of weights.parts) {
    if (fill === "random") for (const slice of random(type, bytes)) yield* write(slice)
    else yield* write(constant(type, bytes, fill === "ones" ? 1 : 0))
    if (padding > 0) yield* write(Buffer.alloc(padding))
  }
  // Flushed to disk, so that writing does not continue while a model is measured.
  yield* file.sync
  yield* report({ step, done, total, unit: "B", finished: true })
}, Effect.scoped)

/** Norms and biases: as many times the same number, in one of the float types. */
const constant = (type: GgmlTypeName, bytes: number, value: 0 | 1): Buffer => {
  const one = Buffer.from({ F32: "0000803f", BF16: "803f" }[type as string] ?? "003c", "hex")
  return Buffer.alloc(bytes, value === 0 ? 0 : one)
}

const checkSpace = Effect.fnUntraced(function* (what: string, folder: string, bytes: number) {
  const { bavail, bsize } = yield* Effect.promise(() => statfs(folder))
  const free = bavail * bsize
  if (bytes < free) return
  const gib = (size: number) => `${(size / 2 ** 30).toFixed(1)} GiB`
  return yield* new SetupError({
    what,
    detail: `Its random weights take ${gib(bytes)}, but ${folder} has ${gib(free)} left.`,
    fix: "Free some space, set RIGBOOK_CACHE to a folder on a larger disk, or give the source a smaller depth.",
    logTail: [],
  })
})
