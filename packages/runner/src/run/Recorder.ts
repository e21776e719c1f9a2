import {
  BackendError,
  type Completion,
  type Observer,
  type PlannedRequest,
  type RequestSample,
  Stamps,
  textSha256,
} from "@rigbook/core"

export interface Recorder {
  readonly observer: Observer
  /** Whether a token has come. */
  readonly begun: () => boolean
  readonly silentMs: () => number
  /** Since it was made: since the request is asked. */
  readonly ageMs: () => number
  readonly sample: (planned: PlannedRequest, end: Completion | BackendError) => RequestSample
}

/** The clock of a trial: milliseconds since its start, and that start on `process.hrtime`. */
export interface TrialClock {
  readonly now: () => number
  readonly originNs: number
}

/** Stamps chunks as they come. Per chunk: one clock read and a store into a typed array. */
export const makeRecorder = ({ now, originNs }: TrialClock, chunks: number): Recorder => {
  const askedMs = now()
  const stamps = Stamps.of(chunks, askedMs, originNs)
  return {
    observer: {
      sent: () => stamps.sent(now()),
      chunk: (tokens, reasoning = false) => void stamps.chunk(now(), tokens, reasoning),
      stamps,
    },
    begun: () => stamps.count > 0,
    silentMs: () => now() - stamps.lastMs,
    ageMs: () => now() - askedMs,
    sample: ({ atMs, prompt, request }, end) => {
      const { chunkMs, chunkTokens, endMs = now(), sentMs, thoughts } = stamps
      return {
        prompt,
        ...(atMs === undefined ? {} : { scheduledMs: atMs }),
        sentMs,
        chunkMs,
        ...(chunkTokens === undefined ? {} : { chunkTokens }),
        ...(thoughts === 0 ? {} : { reasoningChunks: thoughts }),
        endMs,
        ...(request.task === "generate"
          ? { requestedTokens: request.outputTokens }
          : { documents: request.texts.length }),
        ...(end instanceof BackendError ? failed(end) : ended(end)),
      }
    },
  }
}

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
