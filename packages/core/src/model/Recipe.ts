import { type GgmlTypeName, ggmlTypeNamed } from "./GgmlType.ts"

/** What determines the type of a tensor, beside the tensor itself. */
export interface RecipeInput {
  /** The part of the model that the tensor is: its name without layer and `.weight`, such as `attn_v`. */
  readonly part: string
  readonly layer: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly experts: number
}

/** Chooses the type of a tensor; `undefined` leaves it at the recipe's own. */
type Rule = (input: RecipeInput) => GgmlTypeName | undefined

interface Recipe {
  /** Number in `general.file_type`: llama.cpp's `llama_ftype`. */
  readonly fileType: number
  /** The type of all matrices without a rule. */
  readonly type: GgmlTypeName
  readonly attn_v?: Rule
  readonly attn_output?: Rule
  readonly ffn_down?: Rule
}

/** The first and the last eighth of the layers and every third between them: those most sensitive to errors. */
const sensitive = ({ layer, layers }: RecipeInput): boolean => {
  const eighth = Math.floor(layers / 8)
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2
}

const eightExperts = ({ experts }: RecipeInput): boolean => experts === 8
const sensitiveQ6: Rule = (input) => (sensitive(input) ? "Q6_K" : undefined)
const outputQ5: Rule = (input) => (eightExperts(input) ? "Q5_K" : undefined)

/**
 * How llama.cpp's quantizer mixes types under one name. Source: `llama_tensor_get_type_impl` in
 * `src/llama-quant.cpp` of build 11434, without an importance matrix; other builds mix differently.
 */
const RECIPES = {
  F32: { fileType: 0, type: "F32" },
  F16: { fileType: 1, type: "F16" },
  BF16: { fileType: 32, type: "BF16" },
  Q8_0: { fileType: 7, type: "Q8_0" },
  Q6_K: { fileType: 18, type: "Q6_K" },
  Q5_K_M: { fileType: 17, type: "Q5_K", attn_v: sensitiveQ6, ffn_down: sensitiveQ6 },
  Q5_K_S: { fileType: 16, type: "Q5_K" },
  Q5_0: { fileType: 8, type: "Q5_0" },
  Q4_K_M: { fileType: 15, type: "Q4_K", attn_v: sensitiveQ6, ffn_down: sensitiveQ6, attn_output: outputQ5 },
  Q4_0: { fileType: 2, type: "Q4_0" },
  Q3_K_M: {
    fileType: 12,
    type: "Q3_K",
    attn_v: ({ layer }) => (layer < 2 ? "Q5_K" : "Q4_K"),
    ffn_down: ({ layer, layers }) => (layer < Math.floor(layers / 16) ? "Q5_K" : "Q4_K"),
    attn_output: (input) => outputQ5(input) ?? "Q4_K",
  },
  Q2_K: {
    fileType: 10,
    type: "Q2_K",
    attn_v: ({ heads, kvHeads }) => (heads / kvHeads >= 4 ? "Q4_K" : "Q3_K"),
    ffn_down: () => "Q3_K",
    attn_output: (input) => outputQ5(input) ?? "Q3_K",
  },
} satisfies Record<string, Recipe>

/** The name that llama.cpp's quantizer has for a mixture of types. */
export type Quantization = keyof typeof RECIPES
/** Quantizations for models with random weights. */
export const QUANTIZATIONS = Object.keys(RECIPES) as [Quantization, ...Array<Quantization>]

/** The number of a quantization in a header's `general.file_type`: llama.cpp's `llama_ftype`. */
export const fileTypeOf = (quantization: Quantization): number => RECIPES[quantization].fileType

/** The fallback types if rows can't be cut into blocks of 256. */
const SMALLER: Partial<Record<GgmlTypeName, GgmlTypeName>> = {
  Q2_K: "Q4_0",
  Q3_K: "Q4_0",
  Q4_K: "Q5_0",
  Q5_K: "Q5_1",
  Q6_K: "Q8_0",
}

/** The type that a tensor with rows of `row` weights has in a file of this quantization. Pure. */
export const tensorType = (quantization: Quantization, row: number, input: RecipeInput): GgmlTypeName => {
  const recipe: Recipe = RECIPES[quantization]
  if (!recipe.type.startsWith("Q")) return recipe.type
  const type = chosen(recipe, row, input)
  const fits = (name: GgmlTypeName) => row % ggmlTypeNamed(name).blockSize === 0
  return [type, SMALLER[type] ?? type].find(fits) ?? "F16"
}

const chosen = (recipe: Recipe, row: number, input: RecipeInput): GgmlTypeName => {
  switch (input.part) {
    case "output":
      return recipe.type === "Q8_0" || row % ggmlTypeNamed(recipe.type).blockSize !== 0 ? "Q8_0" : "Q6_K"
    case "attn_v": {
      if (eightExperts(input)) return "Q8_0"
      const type = recipe.attn_v?.(input) ?? recipe.type
      // Of the 80 layers of a 70B, 8 heads share each: more bits cost almost nothing there.
      const shared = input.layers === 80 && input.heads !== input.kvHeads
      return shared && (type === "Q3_K" || type === "Q4_K") ? "Q5_K" : type
    }
    case "attn_k":
      return eightExperts(input) ? "Q8_0" : recipe.type
    case "attn_output":
      return recipe.attn_output?.(input) ?? recipe.type
    case "ffn_down":
    case "ffn_down_exps":
      return recipe.ffn_down?.(input) ?? recipe.type
    default:
      return recipe.type
  }
}
