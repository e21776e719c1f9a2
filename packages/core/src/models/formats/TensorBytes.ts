import type { ModelFacts } from "../../model/Model.ts"

const INPUT = /^(token_embd|token_embd_norm|token_types|position_embd|per_layer_token_embd|rope_\w+)\./
/** Tables and projections for all layers' own inputs, stored with the first layer. */
const FIRST = /^per_layer_(model_proj|proj_norm)\./
/** Source: `LLM_FFN_EXPS_REGEX` in llama.cpp's `common/common.h`; shared experts are not included. */
const EXPERTS = /^blk\.\d+\.ffn_(up|down|gate_up|gate)_(ch|)exps/
const OUTPUT = /^(output|output_norm|cls\w*|altup_proj|altup_unembd_proj|dense_[23](_out)?)\./
const TABLE = /^token_embd\.weight$/

const LAYER = /^blk\.(\d{1,4})\./

/** Names of tensors that no rule places. */
export const unplaced = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name) => ![LAYER, FIRST, INPUT, OUTPUT].some((rule) => rule.test(name)))

/**
 * Sorts the tensors of a GGUF file by their names: `blk.<n>.` are a layer's, others are tables of the input
 * or make the output. `undefined` if one is unknown. Source: `LLM_TENSOR_INFOS` in
 * llama.cpp's `src/llama-arch.cpp`.
 */
export const tensorBytes = (
  tensors: ReadonlyArray<readonly [name: string, bytes: number]>,
): ModelFacts["tensorBytes"] => {
  const layers: Array<number> = []
  const experts: Array<number> = []
  let input = 0
  let table = 0
  let output = 0
  for (const [name, bytes] of tensors) {
    const layer = FIRST.test(name) ? "0" : LAYER.exec(name)?.[1]
    if (layer !== undefined) {
      layers[Number(layer)] = (layers[Number(layer)] ?? 0) + bytes
      if (EXPERTS.test(name)) experts[Number(layer)] = (experts[Number(layer)] ?? 0) + bytes
    } else if (OUTPUT.test(name)) output += bytes
    else if (INPUT.test(name)) {
      input += bytes
      if (TABLE.test(name)) table += bytes
    } else return undefined
  }
  return {
    input,
    layers: Array.from(layers, (bytes) => bytes ?? 0),
    // The first layers of some models have none.
    ...(experts.length === 0 ? {} : { experts: Array.from(layers, (_, layer) => experts[layer] ?? 0) }),
    output,
    ...(output === 0 || table === input || tensors.some(([name]) => name === "output.weight") ? {} : { table }),
    tied: tensors.every(([name]) => name !== "output.weight"),
  }
}
