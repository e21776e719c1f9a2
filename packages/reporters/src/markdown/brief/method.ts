import { repetitionName, type RunRecord } from "@rigbook/core"
import { Order } from "effect"
import { runtimeName } from "../../names.ts"
import { blocks, list, text } from "../escape.ts"
import { ALL_MODELS, type Brief } from "./Brief.ts"

/** Kinds that a line names before it says how many more there are. */
const NAMED = 6

/** How the figures came about, in fifteen lines. */
export const methodSection = ({ records }: Brief): string =>
  records.length === 0
    ? ""
    : blocks(
        "## Method",
        list([
          `**Trials:** ${counted(records, ({ cell: { protocol } }) => `${repetitionName(protocol.warmup)} warm-up and ${repetitionName(protocol.trials)} measured`)}. Each trial gives one value; a figure is their median.`,
          "**±:** the larger side of the 95 % interval of the median (order statistics), to one digit, two if the first is 1. Without six trials there is none, and a figure has two digits.",
          "**Clock:** one monotonic clock outside the engine; the engine's own must agree within 1 %.",
          "**Placement:** requested, effective, observed. A run whose engine or driver contradicts the request is invalid.",
          "**TTFT:** the first chunk with a token, from the time of sending. **Decode:** 1000 / time per output token. **Prefill:** computed prompt tokens / TTFT.",
          "**docs/s:** documents / (end of the last call − start of the first). **Peak memory:** the largest resident memory of the engine's processes in a trial; of a GPU its growth.",
          "**Valid:** no reason speaks against it. **Suspect:** it may not repeat. **Invalid:** it does not measure what it says.",
          "**Ratios:** Hodges–Lehmann of the trials' logarithms, with 95 % intervals.",
          "**Outliers** are kept and counted, never dropped.",
          `**Engines:** ${counted(records, runtimeName)}; Rigbook ${counted(records, ({ environment }) => environment.rigbook)}.`,
          `**Prompts:** ${counted(records, ({ cell: { prompts } }) => `${prompts.name} (${prompts.license})`)}; hashes are in each record.`,
          "**Check:** `rigbook verify` derives every figure again from the raw samples; `rigbook compare` compares two runs or registries.",
          `Hardware, software, test data and the definition of each metric are in [${ALL_MODELS}](${ALL_MODELS}#methodology); exact figures in [registry.json](registry.json) and [registry.csv](registry.csv), as a page in [registry.html](registry.html).`,
        ]),
      )

/** What runs have, by how many have it: `llama-server b6940 (16 runs)`. */
const counted = (records: ReadonlyArray<RunRecord>, nameOf: (record: RunRecord) => string): string => {
  const kinds = [...Map.groupBy(records, nameOf)].toSorted(
    ([a, as], [b, bs]) => bs.length - as.length || Order.String(a, b),
  )
  const named = kinds
    .slice(0, NAMED)
    .map(([name, { length }]) =>
      text(kinds.length === 1 ? name : `${name} (${length} ${length === 1 ? "run" : "runs"})`),
    )
  return `${named.join(", ")}${kinds.length > NAMED ? ` and ${kinds.length - NAMED} more` : ""}`
}
