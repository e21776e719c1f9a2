import type { ModelFacts } from "@rigbook/core"

/** Shares that are often added to the weights "for activations and overhead". */
const SHARES = [0.15, 0.2] as const

/**
 * What a model needs by the common rule of thumb: its weights plus 15 to 20 %, at any context. It includes
 * neither KV cache nor compute buffers, so it is shown for comparison and decides nothing.
 */
export const ruleOfThumb = ({
  weightBytes,
}: Pick<ModelFacts, "weightBytes">): { readonly low: number; readonly high: number } => ({
  low: Math.round(weightBytes * (1 + SHARES[0])),
  high: Math.round(weightBytes * (1 + SHARES[1])),
})
