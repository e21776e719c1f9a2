import type { ChunkDivergence, Environment, RequestSample, Sample, Scored } from "@rigbook/core"

/** A successful request: sent at 10 ms, four tokens at 110, 120, 130 and 140 ms, ended at 150 ms. */
export const requestSample = (change: Partial<RequestSample> = {}): RequestSample => ({
  prompt: 0,
  sentMs: 10,
  chunkMs: [110, 120, 130, 140],
  endMs: 150,
  outcome: "ok",
  inputTokens: 100,
  outputTokens: 4,
  requestedTokens: 4,
  ...change,
})

/** A measured trial of one request, with memory readings. */
export const trialSample = (change: Partial<Sample> = {}): Sample => ({
  trial: 0,
  phase: "measured",
  opening: 0,
  startedAt: "2026-01-01T00:00:00.000Z",
  requests: [requestSample()],
  memory: { atMs: [0, 50, 100], rssBytes: [1000, 1000, 1000] },
  loadMs: 1500,
  ...change,
})

/** A measured trial of one request for which the engine reported everything. */
export const generateSample = (): Sample =>
  trialSample({
    requests: [
      requestSample({
        finish: "length",
        cachedTokens: 0,
        engine: { promptTokens: 100, promptMs: 99, decodeTokens: 3, decodeMs: 30 },
      }),
    ],
  })

/** A measured trial of three turns, of whose later prompts a cache had half. */
export const multiTurnSample = (): Sample =>
  trialSample({
    requests: generateSample().requests.flatMap((request) =>
      [0, 1, 2].map((turn) => ({ ...request, turn, cachedTokens: turn === 0 ? 0 : 50 })),
    ),
  })

/** A measured trial of one request, half of whose drafts were accepted. */
export const speculationSample = (): Sample =>
  trialSample({
    requests: generateSample().requests.map((request) => ({ ...request, draftedTokens: 4, acceptedTokens: 2 })),
  })

/** A measured trial of 300 requests on a schedule, one each 10 ms, under objectives that all of them meet. */
export const loadSample = (): Sample =>
  trialSample({
    requests: Array.from({ length: 300 }, (_, n) => {
      const { requests } = generateSample()
      const [{ chunkMs, endMs, sentMs, ...rest }] = requests as [RequestSample]
      return {
        ...rest,
        scheduledMs: 10 * n,
        sentMs: sentMs + 10 * n,
        chunkMs: chunkMs.map((at) => at + 10 * n),
        endMs: endMs + 10 * n,
      }
    }),
    slo: { ttft: 1_000 },
  })

/** A measured trial of one batch: eight documents in 200 ms. */
export const embedSample = (change: Partial<Sample> = {}): Sample =>
  trialSample({
    requests: [
      {
        prompt: 0,
        sentMs: 10,
        chunkMs: [],
        endMs: 210,
        outcome: "ok",
        documents: 8,
        inputTokens: 80,
        vectors: { count: 8, dimensions: 384 },
        engine: { callMs: 190 },
      },
    ],
    ...change,
  })

/** Four tokens with a divergence of `nats` each; the model's probability of each is 0.1 below the reference's. */
export const chunkSample = (nats: number): ChunkDivergence => ({
  positions: 4,
  divergences: packed([nats, nats, nats, nats]),
  changes: packed([-0.1, -0.1, -0.1, -0.1]),
  surprise: 4 * Math.log(8),
  referenceSurprise: 4 * Math.log(4),
  sameTop: 3,
})
const packed = (values: ReadonlyArray<number>): string =>
  Buffer.from(Float32Array.from(values).buffer).toString("base64")

/**
 * What vectors came to: of 120 queries two in three are answered by the document that is nearest, the others by the third;
 * and what replies did: of 120 questions with four choices three in four are answered rightly.
 */
const SCORED: { readonly [M in Scored["measure"]]: Extract<Scored, { readonly measure: M }> } = {
  retrieval: {
    measure: "retrieval",
    normalized: true,
    documents: 120,
    ranks: Array.from({ length: 120 }, (_, query) => [query % 3 === 2 ? 3 : 1]),
  },
  sts: {
    measure: "sts",
    normalized: true,
    cosines: Array.from({ length: 120 }, (_, pair) => pair / 120 + ((53 * pair) % 120) / 240),
    scores: Array.from({ length: 120 }, (_, pair) => Math.floor(pair / 24)),
  },
  kld: {
    measure: "kld",
    nullTest: 0,
    chunks: Array.from({ length: 8 }, (_, chunk) => chunkSample(0.1 + chunk / 1000)),
  },
  tasks: {
    measure: "tasks",
    questions: Array.from({ length: 120 }, (_, at) => ({
      answer: "ABCD"[at % 4]!,
      choices: 4,
      reply: at % 8 < 6 ? "ABCD"[at % 4]! : "ABCD"[(at + 1) % 4]!,
    })),
  },
}

/** A measured trial whose answers were compared with a dataset or a reference. */
export const qualitySample = (measure: Scored["measure"], change: Partial<Sample> = {}): Sample => {
  const { requests } = measure === "tasks" ? generateSample() : embedSample()
  return trialSample({ requests, scored: SCORED[measure], ...change })
}

/** Trials that metrics must handle: missing, failed, or too short for a clock. */
export const oddSamples = {
  "a trial without requests or memory readings": trialSample({
    requests: [],
    memory: { atMs: [], rssBytes: [], absent: "the backend reports no process" },
  }),
  "a trial whose requests all failed": trialSample({
    requests: [requestSample({ outcome: "error", error: "The engine ended.", chunkMs: [], endMs: 11 })],
  }),
  "a trial of one chunk": trialSample({ requests: [requestSample({ chunkMs: [110], outputTokens: 1 })] }),
  "a trial in no measurable time": trialSample({
    requests: [requestSample({ sentMs: 10, chunkMs: [10, 10, 10, 10], endMs: 10 })],
    memory: { atMs: [0], rssBytes: [1000] },
    loadMs: 0,
  }),
  "a trial for which the engine reported nothing": trialSample({
    requests: [{ prompt: 0, sentMs: 10, chunkMs: [110, 120], endMs: 130, outcome: "ok" }],
  }),
  "a batch whose request failed": embedSample({
    requests: [{ prompt: 0, sentMs: 10, chunkMs: [], endMs: 20, outcome: "timeout", error: "late", documents: 8 }],
  }),
} as const satisfies Readonly<Record<string, Sample>>

/** A quiet machine. */
export const fakeEnvironment: Environment = {
  rigbook: "0.1.0",
  node: "24.0.0",
  loadAverage: 0.1,
  busy: { value: 0.01 },
  freeMemoryBytes: 2 ** 33,
  git: { absent: "the workspace is not a git checkout with a commit" },
}
