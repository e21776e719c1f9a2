import { BackendError } from "../BackendError.ts"
import { textSha256 } from "../model/FileHash.ts"
import type { PlannedRequest } from "../workload/PlannedRequest.ts"
import type { Completion, Observer } from "../workload/Request.ts"
import type { RequestSample } from "./Sample.ts"

export interface Recorder {
  readonly observer: Observer
  /** Whether a token has come. */
  readonly begun: () => boolean
  readonly silentMs: () => number
  readonly sample: (planned: PlannedRequest, end: Completion | BackendError) => RequestSample
}

/** Stamps chunks as they come. Per chunk: one clock read and a store into a typed array. */
export const makeRecorder = (now: () => number, chunks: number): Recorder => {
  let times = new Float64Array(chunks)
  let tokens: Uint32Array | undefined // left out as long as every chunk has one
  let count = 0
  let thoughts = 0
  let thinking = true
  let sentMs = now()
  let lastMs = sentMs
  return {
    observer: {
      sent: () => {
        sentMs = lastMs = now()
      },
      chunk: (n, reasoning = false) => {
        if (count === times.length) {
          times = grow(times, Float64Array)
          if (tokens !== undefined) tokens = grow(tokens, Uint32Array)
        }
        if (n !== 1 && tokens === undefined) tokens = new Uint32Array(times.length).fill(1)
        if (tokens !== undefined) tokens[count] = n
        times[count++] = lastMs = now()
        if (thinking && reasoning) thoughts = count
        else thinking = false
      },
    },
    begun: () => count > 0,
    silentMs: () => now() - lastMs,
    sample: ({ atMs, prompt, request }, end) => ({
      prompt,
      ...(atMs === undefined ? {} : { scheduledMs: atMs }),
      sentMs,
      chunkMs: listOf(times, count),
      ...(tokens === undefined ? {} : { chunkTokens: listOf(tokens, count) }),
      ...(thoughts === 0 ? {} : { reasoningChunks: thoughts }),
      endMs: now(),
      ...(request.task === "generate"
        ? { requestedTokens: request.outputTokens }
        : { documents: request.texts.length }),
      ...(end instanceof BackendError ? failed(end) : ended(end)),
    }),
  }
}

/** As long as it has to be, and of plain doubles: a spread would box each number, at four times the size. */
const listOf = (numbers: Float64Array | Uint32Array, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => numbers[index]!)

const failed = ({ kind = "engine", reason, status }: BackendError) => ({
  outcome: reason._tag === "TimedOut" ? ("timeout" as const) : ("error" as const),
  failure: kind,
  ...(status === undefined ? {} : { status }),
  error: reason.detail,
})

const ended = ({ memory, text, timings, ...told }: Completion) => ({
  outcome: "ok" as const,
  ...told,
  ...(text === undefined ? {} : { textSha256: textSha256(text) }),
  ...(timings === undefined ? {} : { engine: timings }),
  ...(memory === undefined ? {} : { engineMemory: memory }),
})

const grow = <A extends Float64Array | Uint32Array>(full: A, type: new (length: number) => A): A => {
  const larger = new type(Math.max(16, full.length * 2))
  larger.set(full)
  return larger
}
