import type { Note, PlannedModel, RatingRules, Registry, RunRecord } from "@rigbook/core"
import { DeviceId, Placement, Refusal, Runtime } from "@rigbook/core"
import type { ConfigOutline } from "@rigbook/records"
import { makeRegistry } from "@rigbook/registry"
import { around, embeddingRun, languageRun, value } from "./fixtures.ts"
import { rigRecords, rigRegistry } from "./html/rig.ts"

const GPU = DeviceId.make("GPU-8f2d")
const load = [
  value("output_tps", "Output throughput", "tokens/s", around(187), "higher"),
  value("ttft_p95", "Time to first token, p95", "ms", around(80)),
]
const requested = { prompts: "short-chat", outputTokens: 64, cache: "fresh", seed: 1 } as const

/** What a rig's records leave out: depths and loads, a GPU that was watched, an engine that was replaced. */
export const wholeRecords: ReadonlyArray<RunRecord> = [
  ...rigRecords,
  ...[512, 2048].map((depth) =>
    languageRun({
      id: `context-${depth}`,
      cell: { scenario: { kind: "context", depth, outputTokens: 32, requests: 1, seed: 1 } },
    }),
  ),
  ...[1, 4].map((streams) =>
    languageRun({
      id: `streams-${streams}`,
      cell: { scenario: { kind: "concurrency", streams, ...requested } },
      values: load,
    }),
  ),
  ...[0.5, 2].map((rate) =>
    languageRun({
      id: `rate-${rate}`,
      cell: { scenario: { kind: "open-loop", rate, arrivals: "poisson", requests: 100, ...requested } },
      values: load,
    }),
  ),
  languageRun({
    id: "watched",
    startedAt: "2025-10-06T10:00:00.000Z",
    finishedAt: "2025-10-06T10:02:05.000Z",
    cell: {
      config: { id: "watched", name: "Watched 1B", path: "models/configs/watched.yaml" },
      placement: new Placement({ strategy: "single", devices: [GPU] }),
    },
    observed: {
      peakRssBytes: { value: 2 ** 30 },
      devices: [
        {
          device: GPU,
          engine: "here",
          processBytes: { value: 3 * 2 ** 30 },
          usedDeltaBytes: { value: 3 * 2 ** 30 },
          utilization: { value: 0.97 },
        },
      ],
      placement: {
        state: "verified",
        evidence: [
          { from: "engine", agrees: true, detail: "it says that its weights are on GPU 0" },
          { from: "driver", agrees: true, detail: "its process is on GPU 0" },
        ],
      },
    },
  }),
  embeddingRun({
    id: "before-the-update",
    startedAt: "2025-09-01T08:00:00.000Z",
    cell: {
      config: { id: "old-lm", name: "Old LM", path: "models/configs/old-lm.yaml" },
      runtime: new Runtime({
        program: "sentence-transformers",
        version: "5.0.0",
        origin: "path",
        path: "/usr/bin/python3",
        libraries: { torch: "2.12.0+cpu" },
      }),
    },
  }),
]

const outline = (id: string, name: string, more: Partial<ConfigOutline> = {}): ConfigOutline => ({
  id,
  name,
  path: `models/configs/${id}.yaml`,
  task: "generate",
  source: { path: "model.gguf" },
  ...more,
})

export const wholeConfigs: ReadonlyArray<ConfigOutline> = [
  outline("old-lm", "Old LM", { task: "embed" }),
  outline("watched", "Watched 1B", { planned: { priority: "high", use: "Answering while somebody waits" } }),
  outline("planned-70b", "Planned 70B Q4_K_M", {
    planned: { priority: "high", use: "Reasoning", strategy: "Two GPUs", host: "two-gpus" },
  }),
  outline("planned-search", "Planned search", { task: "embed", planned: { priority: "low", use: "Search" } }),
]

/** Two that have no record: with an estimate, and without. */
export const wholePlanned: ReadonlyArray<PlannedModel> = [
  {
    status: "planned",
    id: "planned-70b",
    name: "Planned 70B Q4_K_M",
    path: "models/configs/planned-70b.yaml",
    task: "generate",
    license: "Apache-2.0",
    priority: "high",
    use: "Reasoning",
    strategy: "Two GPUs",
    host: "two-gpus",
    estimates: [
      {
        backend: "llamacpp",
        scenario: "latency-short-chat-1x128",
        quantization: "Q4_K_M",
        parameters: 70_553_706_496,
        bitsPerWeight: 4.82,
        placement: new Placement({
          strategy: "layer",
          devices: [DeviceId.make("cuda:0"), DeviceId.make("cuda:1")],
          split: [1, 1],
        }),
        refused: [
          new Refusal({
            strategy: "single",
            reason: "needs 42.86 GiB, RTX 5090 has 30.85 GiB free: 12.01 GiB too little",
          }),
        ],
        devices: [0, 1].map((index) => ({
          device: DeviceId.make(`cuda:${index}`),
          name: "RTX 5090",
          bytes: 22 * 2 ** 30,
          freeBytes: 31588 * 2 ** 20,
          parts: [
            { name: "weights", bytes: 20 * 2 ** 30, basis: "exact", formula: "the file's tensors" },
            { name: "KV cache", bytes: 2 * 2 ** 30, basis: "formula", formula: "layers × heads × context" },
          ],
        })),
        bytes: 44 * 2 ** 30,
        longestContext: { value: 61_440 },
      },
    ],
  },
  {
    status: "planned",
    id: "planned-search",
    name: "Planned search",
    path: "models/configs/planned-search.yaml",
    task: "embed",
    priority: "low",
    use: "Search",
    estimates: { absent: "the config names no host to plan for (planned.host)" },
  },
]

export const wholeNotes: ReadonlyArray<Note> = [
  {
    model: "mini-lm",
    path: "models/notes/mini-lm.md",
    date: "2025-10-02",
    author: "A. Person",
    text: "Good for Spanish law.\n\n<b>Not</b> for code.\n",
    claims: [
      { metric: "docs_per_s", value: 1749.2, tolerance: 10, scenario: "512x32" },
      { metric: "docs_per_s", value: 553.3, tolerance: 10, scenario: "512x32" },
      { device: "cpu" },
      { metric: "ndcg", value: 0.5, tolerance: 10 },
    ],
  },
]

const rules: RatingRules | undefined = rigRegistry([]).rules

/** A registry with everything in it that a registry can have, but imports. */
export const wholeRegistry = (
  records: ReadonlyArray<RunRecord> = wholeRecords,
  turn: <A>(list: ReadonlyArray<A>) => ReadonlyArray<A> = (list) => list,
): Registry =>
  makeRegistry(records, turn(wholeNotes), {
    rules,
    configs: turn(wholeConfigs),
    planned: turn(wholePlanned),
    reports: turn(["watched", "context-512", "of-another-time"]),
  })
