import type { Tunable, TunesInput } from "@rigbook/core"
import { contextOf, type Options } from "./Options.ts"

/**
 * What changes the speed or the memory of llama-server on this host. The cache's type comes first: it decides what fits.
 * Cores compute prompts faster the more they are, and may write answers slower: the memory's bandwidth is shared.
 */
export const tunes = ({ config, model, streams, task }: TunesInput<Options>): ReadonlyArray<Tunable> => {
  const cores = config.threads
  const context = contextOf(config, model)
  return [
    ...(task === "generate" ? [{ option: "kvCache", values: ["q8_0", "q4_0"], lossy: true }] : []),
    // Requests that find no slot wait for one.
    ...(streams < 2 ? [] : [{ option: "parallel", values: slots(streams), lossy: false }]),
    { option: "flashAttention", values: ["on", "off"], lossy: false },
    ...(cores < 2 ? [] : [{ option: "threads", values: fractions(cores), lossy: false }]),
    // A text to embed has to fit in one pass.
    ...(task === "generate"
      ? [{ option: "ubatch", values: [128, 256, 1024, 2048].filter((tokens) => tokens <= context), lossy: false }]
      : []),
  ]
}

/** Three quarters, half and a quarter, each once. */
const fractions = (cores: number): ReadonlyArray<number> => [
  ...new Set([0.75, 0.5, 0.25].map((share) => Math.max(1, Math.floor(cores * share)))),
]

/** Powers of two below the number of requests, and that. */
const slots = (streams: number): ReadonlyArray<number> => [
  ...[2, 4, 8, 16, 32, 64].filter((count) => count < streams),
  streams,
]
