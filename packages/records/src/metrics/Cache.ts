import { absent, type Measured, measured, type Metric, type RequestSample } from "@rigbook/core"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

/**
 * Work saved by the prompt cache: Σ n_cached / Σ n_in, by the engine's own counts.
 *
 * Source: ours. Summed over a trial's requests before dividing, so that a long prompt weighs more than a short one, as
 * it does for the engine; a mean of each request's share would not.
 */
export const cachedShare: Metric = {
  id: "cached_share",
  title: "Prompt tokens from a cache",
  definition: "prompt tokens that the engine took from a cache / all prompt tokens",
  unit: "%",
  better: "higher",
  tasks: ["generate"],
  measure: (sample) => shareOf(succeeded(sample)),
}

/** The share of the prompt tokens of these requests, in percent, that came from a cache. */
export const shareOf = (requests: ReadonlyArray<RequestSample>): Measured => {
  if (requests.length === 0) return NONE_SUCCEEDED
  let [cached, all] = [0, 0]
  for (const { cachedTokens, inputTokens } of requests) {
    if (cachedTokens === undefined || inputTokens === undefined)
      return absent("the engine did not report what it found in a cache")
    if (cachedTokens > inputTokens) return absent("the engine counts more tokens from a cache than the prompt has")
    cached += cachedTokens
    all += inputTokens
  }
  return all > 0 ? measured((100 * cached) / all) : absent("no prompt had a token")
}
