import type { ModelFacts } from "../../model/Model.ts"

/** Parts that see and hear: text goes through none of them. */
const SENSES = /(^|\.)(vision\w*|visual|audio\w*|image\w*|multi_modal_projector|mm_projector)\./
const LAYER = /(?:^|\.)(?:layers|layer|h|blocks)\.(\d{1,4})\./
const EXPERTS = /\.experts\./
const INPUT = /(^|\.)(embed_tokens|word_embeddings|wte|wpe|token_embedding|position_embeddings|token_type_embeddings)\./
const HEAD = /(^|\.)(lm_head|embed_out)\./

/** Sorts the tensors of a folder by their names; `undefined` where they name no layers. */
export const folderTensors = (
  tensors: ReadonlyArray<{ readonly name: string; readonly bytes: number }>,
): ModelFacts["tensorBytes"] => {
  const layers: Array<number> = []
  const experts: Array<number> = []
  let input = 0
  let output = 0
  let isTied = true
  for (const { bytes, name } of tensors) {
    const layer = SENSES.test(name) ? undefined : LAYER.exec(name)?.[1]
    if (layer !== undefined) {
      layers[Number(layer)] = (layers[Number(layer)] ?? 0) + bytes
      if (EXPERTS.test(name)) experts[Number(layer)] = (experts[Number(layer)] ?? 0) + bytes
    } else if (SENSES.test(name) || INPUT.test(name)) input += bytes
    else output += bytes
    if (HEAD.test(name)) isTied = false
  }
  if (layers.length === 0) return undefined
  const filled = (all: ReadonlyArray<number>) => Array.from(layers, (_, layer) => all[layer] ?? 0)
  return {
    input,
    layers: filled(layers),
    ...(experts.length === 0 ? {} : { experts: filled(experts) }),
    output,
    tied: isTied,
  }
}
