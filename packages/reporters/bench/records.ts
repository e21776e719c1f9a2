import { ModelFacts, reason, type RunRecord, verdictOf } from "@rigbook/core"
import { around, languageRun, value } from "../test/fixtures.ts"

const QUANTIZATIONS = ["Q2_K", "Q3_K_M", "Q4_K_M", "Q5_K_M", "Q8_0"] as const
const { prompts } = languageRun().cell
const { quantization: _quantization, ...base } = languageRun().cell.model

/** `models` models with twenty runs each: five quantizations by four scenarios. */
export const manyRecords = (models: number): ReadonlyArray<RunRecord> =>
  Array.from({ length: models * 20 }, (_, index) => {
    const model = Math.floor(index / 20)
    const step = index % 5
    const speed = 10 + ((index * 7919) % 1000)
    return languageRun({
      id: `20251002T101500Z-model-${model}-${index}`,
      cell: {
        config: { id: `model-${model}`, name: `Model ${model}`, path: `models/configs/model-${model}.yaml` },
        model: new ModelFacts({
          ...base,
          quantization: QUANTIZATIONS[step]!,
          bitsPerWeight: 2.5 + 1.2 * step,
          // A file of its own for each: runs that share one are compared with each other.
          sha256: `${model}-${step}`.padStart(64, "0"),
        }),
        // Each quantization is asked the same four sets of prompts.
        prompts: { ...prompts, sha256: `prompts-${index % 4}` },
        scenario: { kind: "latency", prompts: `prompts-${index % 20}`, requests: 2, outputTokens: 128 },
      },
      values: [
        value("ttft", "Time to first token", "ms", around(10_000 / speed)),
        value("e2e", "Time of a request", "ms", around(200_000 / speed)),
        value("tpot", "Time per output token", "ms", around(1000 / speed)),
        value("icl", "Time between chunks", "ms", around(1000 / speed)),
        value("decode_tps_user", "Decode speed", "tokens/s", around(speed), "higher"),
        value("prefill_tps", "Prefill speed", "tokens/s", around(speed * 40), "higher"),
        value("load_s", "Load time", "s", around(2)),
        value("memory_peak", "Peak memory", "B", around(2 ** 28 * (1 + step))),
      ],
      verdict: verdictOf(index % 9 === 0 ? [reason("noisy", "Decode speed varies by 15 % (bound 10 %)")] : []),
    })
  })
