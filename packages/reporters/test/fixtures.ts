import type { MetricValue, RunRecord as Run } from "@rigbook/core"
import {
  BackendError,
  CPU,
  Crashed,
  Device,
  DeviceId,
  Effective,
  Host,
  ModelFacts,
  Placement,
  reason,
  RunRecord,
  Runtime,
  verdictOf,
} from "@rigbook/core"
import { METRICS, summarize } from "@rigbook/records"

const GPU = DeviceId.make("GPU-8f2d")

const host = new Host({
  fingerprint: "host-4f1c",
  cpu: { model: "AMD Ryzen 9 9950X", logicalCores: 32 },
  memoryBytes: 64 * 2 ** 30,
  os: "Ubuntu 24.04",
  kernel: "6.8.0",
  devices: [
    new Device({ id: CPU, kind: "cpu", name: "AMD Ryzen 9 9950X", memoryBytes: 64 * 2 ** 30, freeBytes: 50 * 2 ** 30 }),
    new Device({
      id: GPU,
      kind: "gpu",
      name: "NVIDIA RTX 5090",
      index: 0,
      memoryBytes: 32607 * 2 ** 20,
      freeBytes: 31588 * 2 ** 20,
      driver: "580.65",
    }),
  ],
})

const definitionOf = (metric: string): string =>
  METRICS.find(({ id }) => id === metric)?.definition ?? "made for a test"

/** A metric's value as core would make it of these trials. */
export const value = (
  metric: string,
  title: string,
  unit: string,
  trials: ReadonlyArray<number | null>,
  better: "lower" | "higher" = "lower",
): MetricValue => {
  const summary = summarize(trials.filter((trial) => trial !== null))
  return {
    metric,
    title,
    definition: definitionOf(metric),
    unit,
    better,
    result: summary === undefined ? { absent: "no trial has it" } : { summary, trials },
  }
}

/** Ten trials around `centre`, spread by 1 %. */
export const around = (centre: number): ReadonlyArray<number> =>
  [-4.5, 3.5, -2.5, 1.5, 0.5, -0.5, -1.5, 2.5, -3.5, 4.5].map((step) => centre * (1 + step / 450))

export const absentValue = (metric: string, title: string, unit: string, absent: string): MetricValue => ({
  metric,
  title,
  definition: definitionOf(metric),
  unit,
  better: "lower",
  result: { absent },
})

const languageValues = [
  value("ttft", "Time to first token", "ms", around(41.237)),
  value("decode_tps_user", "Decode speed", "tokens/s", around(187.3), "higher"),
  value("prefill_tps", "Prefill speed", "tokens/s", around(12345.678), "higher"),
  value("memory_peak", "Peak memory", "B", around(2 ** 30)),
]

const common = {
  schema: 1,
  environment: {
    rigbook: "0.1.0",
    node: "24.21.0",
    loadAverage: 0.42,
    busy: { value: 0.031 },
    freeMemoryBytes: 50 * 2 ** 30,
    git: { commit: "1f3c9a2", dirty: true },
  },
  samples: { sha256: "c".repeat(64), warmup: 3, measured: 10 },
  verdict: verdictOf([]),
} as const

/** What a test changes about a fixed record. */
export type Changes = Partial<Omit<ConstructorParameters<typeof RunRecord>[0], "cell">> & {
  readonly cell?: Partial<Run["cell"]>
}

const language: Omit<ConstructorParameters<typeof RunRecord>[0], never> = {
  ...common,
  id: "20251002T101500Z-tiny-llama-1a2b",
  startedAt: "2025-10-02T10:15:00.000Z",
  finishedAt: "2025-10-02T10:17:00.000Z",
  cell: {
    identity: "identity-language",
    config: { id: "tiny-llama", name: "Tiny Llama 1B", path: "models/configs/tiny-llama.yaml" },
    task: "generate",
    backend: "llamacpp",
    options: { contextLength: 4096 },
    placement: new Placement({ strategy: "single", devices: [GPU] }),
    scenario: { kind: "latency", prompts: "short-chat", requests: 2, outputTokens: 128 },
    protocol: { warmup: 3, trials: 10, openTimeoutMs: 600_000, requestTimeoutMs: 300_000, stallTimeoutMs: 120_000 },
    prompts: { name: "short-chat", sha256: "a".repeat(64), count: 8, license: "CC0-1.0" },
    source: { path: "../files/tiny-llama.Q4_K_M.gguf" },
    license: "Apache-2.0",
    model: new ModelFacts({
      format: "gguf",
      architecture: "llama",
      parameters: 1_100_048_384,
      quantization: "Q4_K_M",
      bitsPerWeight: 4.8523,
      weightBytes: 667_000_000,
      fileBytes: 668_788_096,
      layers: 22,
      contextLength: 2048,
      hiddenSize: 2048,
      chatTemplate: true,
      sha256: "9fecc3b3cd76bba89d504f29b616eedf7da85b96540e490ca5824d3f7d2776a0",
    }),
    runtime: new Runtime({
      program: "llama-server",
      version: "b6940",
      origin: "setup",
      path: "/opt/llama-server",
      libraries: { ggml: "0.9.4", cuda: "13.0" },
    }),
    host,
  },
  requested: { devices: [GPU], settings: { contextLength: 4096, flashAttention: true } },
  effective: new Effective({
    devices: [GPU],
    settings: { contextLength: 4096, flashAttention: true, threads: 16 },
    buffers: [
      { device: "CUDA0", kind: "model", bytes: 636 * 2 ** 20 },
      { device: "CPU", kind: "model", bytes: 35 * 2 ** 20 },
      { device: "CUDA0", kind: "kv", bytes: 88 * 2 ** 20 },
    ],
  }),
  observed: { peakRssBytes: { value: 1_181_116_006 } },
  values: languageValues,
}

const embedding: typeof language = {
  ...language,
  id: "20251003T080000Z-mini-lm-3c4d",
  startedAt: "2025-10-03T08:00:00.000Z",
  finishedAt: "2025-10-03T08:01:00.000Z",
  cell: {
    ...language.cell,
    identity: "identity-embedding",
    config: { id: "mini-lm", name: "MiniLM L12 v2", path: "models/configs/mini-lm.yaml" },
    task: "embed",
    backend: "sentence-transformers",
    options: {},
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    scenario: { kind: "batch", prompts: "legal-es", documents: 100, batchSize: 32 },
    prompts: { name: "legal-es", sha256: "b".repeat(64), count: 50, license: "CC-BY-4.0" },
    source: {
      packages: [{ name: "mini-lm-weights", version: "1.0.0", sha256: "d".repeat(64) }],
      file: ["part1.bin", "part2.bin"],
    },
    model: new ModelFacts({
      format: "safetensors",
      architecture: "bert",
      parameters: 22_713_216,
      quantization: "F32",
      bitsPerWeight: 32,
      weightBytes: 90_852_864,
      fileBytes: 90_868_376,
      hiddenSize: 384,
      chatTemplate: false,
      sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    }),
    runtime: new Runtime({
      program: "sentence-transformers",
      version: "5.1.1",
      origin: "path",
      path: "/usr/bin/python3",
      libraries: { torch: "2.13.0+cpu" },
    }),
  },
  requested: { devices: [CPU], settings: {} },
  effective: new Effective({ devices: [CPU], settings: { dimensions: 384 }, buffers: [] }),
  values: [
    value("docs_per_s", "Documents per second", "docs/s", around(553.3), "higher"),
    value("embed_tokens_per_s", "Embedded tokens per second", "tokens/s", around(70822), "higher"),
    value("ms_per_doc", "Time per document", "ms", around(1.8073)),
    absentValue("memory_peak", "Peak memory", "B", "no readings: /proc is not there"),
  ],
}

/** A record whose model was read from its files. */
type FileRecord = RunRecord & { readonly cell: RunRecord["cell"] & { readonly model: ModelFacts } }

const changed = (base: typeof language, { cell, ...changes }: Changes): FileRecord =>
  new RunRecord({ ...base, ...changes, cell: { ...base.cell, ...cell } }) as FileRecord

/** A valid run of a language model on a GPU. */
export const languageRun = (changes: Changes = {}): FileRecord => changed(language, changes)

/** A valid run of an embedding model on the CPU, whose memory was not observed. */
export const embeddingRun = (changes: Changes = {}): FileRecord => changed(embedding, changes)

/** An embedding run with another batch and throughput. */
export const batchRun = (documents: number, batchSize: number, docsPerS: number, changes: Changes = {}): RunRecord =>
  embeddingRun({
    id: `batch-${documents}-${batchSize}`,
    values: [value("docs_per_s", "Documents per second", "docs/s", around(docsPerS), "higher")],
    ...changes,
    cell: {
      identity: `identity-${documents}-${batchSize}`,
      scenario: { kind: "batch", prompts: "legal-es", documents, batchSize },
      ...changes.cell,
    },
  })

/** A run whose engine never became ready. */
export const failedRun = (changes: Changes = {}): RunRecord => {
  const { effective: _never, ...closed } = language
  return changed(closed, {
    id: "20251004T120000Z-tiny-llama-5e6f",
    startedAt: "2025-10-04T12:00:00.000Z",
    finishedAt: "2025-10-04T12:00:05.000Z",
    requested: { devices: [CPU], settings: { contextLength: 4096, flashAttention: true } },
    observed: { peakRssBytes: { absent: "the engine ended before a reading" } },
    failure: new BackendError({
      backend: "llamacpp",
      reason: new Crashed({ detail: "llama-server ended with code 1", fix: "Read the log.", exitCode: 1 }),
      logTail: ["load_model: error", "```` \u001b[31mout of memory\u001b[0m ````"],
    }),
    samples: { sha256: "c".repeat(64), warmup: 0, measured: 0 },
    values: [],
    verdict: verdictOf([reason("failed", "llama-server ended with code 1")]),
    ...changes,
    cell: {
      identity: "identity-failed",
      placement: new Placement({ strategy: "cpu", devices: [CPU] }),
      ...changes.cell,
    },
  })
}
