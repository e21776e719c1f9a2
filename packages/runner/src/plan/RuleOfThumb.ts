import type { ModelFacts } from "@rigbook/core"

/** Shares that are often added to the weights "for activations and overhead". */
const SHARES = [0.15, 0.2] as const

/**
 * What the common rule of thumb says that a model needs: its weights and 15 to 20 %, whatever the context. It knows
 * neither KV cache nor compute buffers, so it is shown beside them and decides nothing.
 */
export const ruleOfThumb = ({
  weightBytes,
}: Pick<ModelFacts, "weightBytes">): { readonly low: number; readonly high: number } => ({
  low: Math.round(weightBytes * (1 + SHARES[0])),
  high: Math.round(weightBytes * (1 + SHARES[1])),
})
