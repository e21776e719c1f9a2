import type { Environment, RequestSample, Sample } from "@rigbook/core"

/** A request that went well: sent at 10 ms, four tokens at 110, 120, 130 and 140 ms, ended at 150 ms. */
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

export const fakeEnvironment: Environment = {
  rigbook: "0.1.0",
  node: "24.0.0",
  loadAverage: 0.1,
  busy: { value: 0.01 },
  freeMemoryBytes: 2 ** 33,
  git: { absent: "the workspace is no git checkout with a commit" },
}
