import { absent, measured, type Metric } from "@rigbook/core"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

/**
 * Acceptance rate of speculative decoding: Σ accepted / Σ drafted tokens, by the engine's own counts.
 *
 * Source: llama-server's `draft acceptance` and vLLM's "Avg Draft acceptance rate", which are the same quotient. A request
 * without a draft counts for nothing. How much is drafted at once is not in it: a high rate of few drafts may save little.
 */
export const acceptanceRate: Metric = {
  id: "acceptance_rate",
  title: "Acceptance rate",
  label: "acceptance rate",
  definition: "drafted tokens that the model accepted / drafted tokens",
  unit: "%",
  better: "higher",
  tasks: ["generate"],
  under: "speculation",
  roles: ["compared"],
  measure: (sample) => {
    const requests = succeeded(sample)
    if (requests.length === 0) return NONE_SUCCEEDED
    let [accepted, drafted] = [0, 0]
    for (const { acceptedTokens = 0, draftedTokens = 0 } of [sample.drafts ?? requests].flat()) {
      if (acceptedTokens > draftedTokens) return absent("the engine counts more accepted tokens than drafted ones")
      accepted += acceptedTokens
      drafted += draftedTokens
    }
    return drafted > 0
      ? measured((100 * accepted) / drafted)
      : absent("nothing was drafted, or the engine does not report it")
  },
}
