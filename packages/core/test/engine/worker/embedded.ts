import { Effect, Schema } from "effect"
import type { AnyBackend } from "../../../src/Backend.ts"
import type { ModelFiles } from "../../../src/model/Model.ts"
import { cpuInput } from "../cpuInput.ts"

/** What a backend makes of these texts on one core. */
export const embedded = <R>(
  backend: AnyBackend<R>,
  files: ModelFiles,
  texts: ReadonlyArray<string>,
  options: object = {},
) =>
  Effect.gen(function* () {
    const session = yield* backend.open({
      config: yield* Schema.decodeUnknownEffect(backend.config)({ threads: 1, ...options }),
      runtime: yield* backend.machine!.setup!,
      files,
      model: yield* backend.inspect(files),
      task: "embed",
      ...(yield* cpuInput),
    })
    const request = { task: "embed", texts, batchSize: 2, returnVectors: true } as const
    const completion = yield* session.send(request, { sent: () => {}, chunk: () => {} })
    const bytes = Buffer.from(completion.vectors!.base64!, "base64")
    return { effective: session.effective, completion, vectors: rowsOf(bytes, texts.length) }
  }).pipe(Effect.scoped)

/** So many vectors of float32, one after the other. */
export const rowsOf = (bytes: Buffer, count: number): ReadonlyArray<Float32Array> => {
  const all = new Float32Array(Uint8Array.from(bytes).buffer)
  const width = all.length / count
  return Array.from({ length: count }, (_, index) => all.subarray(index * width, (index + 1) * width))
}

export const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0)

export const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
