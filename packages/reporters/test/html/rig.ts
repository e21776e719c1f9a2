import type { RunRecord } from "@rigbook/core"
import {
  CPU,
  Effective,
  ModelFacts,
  Placement,
  type RatingRules,
  reason,
  type Registry,
  verdictOf,
} from "@rigbook/core"
import { makeRegistry, type RegistryInput } from "@rigbook/registry"
import { around, batchRun, failedRun, languageRun, value } from "../fixtures.ts"

const SIZES = [
  ["Q2_K", 3.16, 48, 244],
  ["Q4_K_M", 4.85, 41, 187],
  ["Q8_0", 8.5, 44, 121],
  ["F16", 16, 63, 68],
] as const

const base = languageRun()
const { buffers: _buffers, ...effective } = base.effective!
const { quantization: _quantization, ...model } = base.cell.model

/** A model in several quantizations: the fewer bits, the faster and smaller. */
const quantized = (id: string, name: string, scale: number): ReadonlyArray<RunRecord> =>
  SIZES.map(([quantization, bitsPerWeight, ttft, speed], index) => {
    const weightBytes = Math.round((base.cell.model.parameters * scale * bitsPerWeight) / 8)
    const held = Math.round(weightBytes * (1 + 0.01 * index))
    return languageRun({
      id: `${id}-${quantization}`,
      startedAt: `2025-10-0${index + 1}T10:15:00.000Z`,
      requested: { ...base.requested, buffers: [{ device: "GPU-8f2d", kind: "model", bytes: weightBytes }] },
      effective: new Effective({
        ...effective,
        buffers: [{ device: "GPU-8f2d", kind: "model", bytes: held }],
      }),
      cell: {
        config: {
          id: `${id}-${quantization.toLowerCase()}`,
          name: `${name} ${quantization}`,
          path: `models/configs/${id}.yaml`,
        },
        model: new ModelFacts({
          ...model,
          quantization,
          bitsPerWeight,
          weightBytes,
          parameters: Math.round(base.cell.model.parameters * scale),
          fileBytes: weightBytes + 1_788_096,
        }),
      },
      values: [
        value("ttft", "Time to first token", "ms", around(ttft * scale)),
        value("decode_tps_user", "Decode speed", "tokens/s", around(speed / scale), "higher"),
        value("prefill_tps", "Prefill speed", "tokens/s", around(12_345 / scale), "higher"),
        value("memory_peak", "Peak memory", "B", around(held * 1.1)),
      ],
      verdict: verdictOf(index === 2 ? [reason("noisy", "Time to first token varies by 15 % (bound 10 %)")] : []),
    })
  })

const LADDER = [
  [1, 37.6],
  [8, 264.7],
  [32, 553.3],
  [128, 1327.4],
  [512, 1391.8],
] as const

const ladder = LADDER.map(([batchSize, docsPerS]) =>
  batchRun(512, batchSize, docsPerS, {
    values: [
      value("docs_per_s", "Documents per second", "docs/s", around(docsPerS), "higher"),
      value("embed_tokens_per_s", "Embedded tokens per second", "tokens/s", around(docsPerS * 128), "higher"),
      value("ms_per_doc", "Time per document", "ms", around(1000 / docsPerS)),
      value("batch_latency", "Time of a call", "ms", around((512 * 1000) / docsPerS)),
      value("memory_peak", "Peak memory", "B", around(5.5e8 + batchSize * 4e5)),
    ],
  }),
)

const onOtherDevice = languageRun({
  id: "tiny-llama-wrong-device",
  startedAt: "2025-10-05T09:00:00.000Z",
  cell: {
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    scenario: { kind: "latency", prompts: "long-context", requests: 1, outputTokens: 128 },
  },
  verdict: verdictOf([reason("device-mismatch", "requested cpu, ran on GPU 0")]),
})

/** A rig's records of every kind: valid, noisy, on the wrong device, failed, with figures missing. */
export const rigRecords: ReadonlyArray<RunRecord> = [
  ...quantized("tiny-llama", "Tiny Llama 1B", 1),
  ...quantized("big-llama", "Big Llama 8B", 7.3),
  ...ladder,
  languageRun(),
  onOtherDevice,
  failedRun(),
]

const rules: RatingRules = {
  version: 3,
  gates: { trials: 5, reasons: ["busy-host"] },
  coverage: 0.5,
  speedOnlyStars: 4,
  useCases: [
    {
      id: "chat",
      title: "Real-time chat",
      task: "generate",
      criteria: [
        {
          metric: "ttft",
          weight: 1,
          points: [
            [40, 1],
            [400, 0.1],
          ],
        },
      ],
    },
    {
      id: "search",
      title: "Search in documents",
      task: "embed",
      criteria: [
        {
          metric: "docs_per_s",
          weight: 1,
          points: [
            [10, 0.1],
            [1000, 1],
          ],
        },
      ],
    },
    {
      id: "agents",
      title: "Agents",
      task: "generate",
      requires: { parameters: 30e9 },
      criteria: [{ metric: "decode_tps_user", weight: 1, points: [[1, 1]] }],
    },
  ],
}

const notes = [
  { model: "mini-lm", path: "models/notes/mini-lm.md", text: "Good for Spanish law.\n\n<b>Not</b> for code.\n" },
]

/** The registry of a rig with these records. */
export const rigRegistry = (records: ReadonlyArray<RunRecord> = rigRecords, more: RegistryInput = {}): Registry =>
  makeRegistry(records, notes, { rules, ...more })
