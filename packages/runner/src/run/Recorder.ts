import {
  BackendError,
  type Completion,
  type Observer,
  type PlannedRequest,
  RequestFailed,
  type RequestSample,
  Stamps,
  textSha256,
} from "@rigbook/core"

export interface Recorder {
  readonly observer: Observer
  /** Whether a token has come. */
  readonly begun: () => boolean
  readonly silentMs: () => number
  /** Since it was made: since the request began. */
  readonly ageMs: () => number
  readonly sample: (planned: PlannedRequest, end: Completion | BackendError | RequestFailed) => RequestSample
}

/** The clock of a trial: milliseconds since its start, and that start on `process.hrtime`. */
export interface TrialClock {
  readonly now: () => number
  readonly originNs: number
}

/** Stamps chunks as they come. Per chunk: one clock read and a store into a typed array. */
export const makeRecorder = ({ now, originNs }: TrialClock, chunks: number): Recorder => {
  const requestedMs = now()
  const stamps = Stamps.of(chunks, requestedMs, originNs)
  return {
    observer: {
      sent: () => stamps.sent(now()),
      chunk: (tokens, reasoning = false) => void stamps.chunk(now(), tokens, reasoning),
      stamps,
    },
    begun: () => stamps.count > 0,
    silentMs: () => now() - stamps.lastMs,
    ageMs: () => now() - requestedMs,
    sample: ({ atMs, prompt, request, turn }, end) => {
      const { chunkMs, endMs = now(), sentMs, thoughts } = stamps
      const chunkTokens = isFailure(end) ? stamps.chunkTokens : reportedTokens(stamps, end)
      return {
        prompt,
        ...(turn === undefined ? {} : { turn }),
        ...(atMs === undefined ? {} : { scheduledMs: atMs }),
        sentMs,
        chunkMs,
        ...(chunkTokens === undefined ? {} : { chunkTokens }),
        ...(thoughts === 0 ? {} : { reasoningChunks: thoughts }),
        endMs,
        ...(request.task === "generate"
          ? { [request.natural === true ? "atMostTokens" : "requestedTokens"]: request.outputTokens }
          : request.task === "embed"
            ? { documents: request.texts.length }
            : {}),
        ...(isFailure(end) ? failed(end) : ended(end)),
      }
    },
  }
}

const isFailure = (end: Completion | BackendError | RequestFailed): end is BackendError | RequestFailed =>
  end instanceof RequestFailed || end instanceof BackendError

const failed = (failure: BackendError | RequestFailed) => ({
  outcome: failure.reason._tag === "TimedOut" ? ("timeout" as const) : ("error" as const),
  failure: failure._tag === "RequestFailed" ? failure.kind : ("engine" as const),
  ...(failure._tag === "BackendError" || failure.status === undefined ? {} : { status: failure.status }),
  error: failure.reason.detail,
})

/** What the engine reported of its chunks. One token per chunk is the default, unless it counts more than arrived. */
const reportedTokens = (
  { chunkTokens, count }: Stamps,
  { countsChunks, outputTokens = count }: Completion,
): ReadonlyArray<number> | undefined => {
  if (countsChunks === false) return undefined
  const explicit = countsChunks === true && outputTokens !== count
  return chunkTokens ?? (explicit ? Array.from({ length: count }, () => 1) : undefined)
}

const ended = (end: Completion) => {
  const { countsChunks: _, divergence: __, memory, reasoningLength: ___, text, timings, vectors, ...reported } = end
  return {
    outcome: "ok" as const,
    ...reported,
    ...(vectors === undefined ? {} : { vectors: withoutValues(vectors) }),
    ...(text === undefined ? {} : { textSha256: textSha256(text) }),
    ...(timings === undefined ? {} : { engine: timings }),
    ...(memory === undefined ? {} : { engineMemory: memory }),
  }
}

/** What a sample keeps of vectors: what they come to is kept beside, where it is of interest. */
const withoutValues = (vectors: NonNullable<Completion["vectors"]>) => {
  const { base64: _, ...kept } = vectors
  return kept
}
