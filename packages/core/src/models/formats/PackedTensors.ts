import { Predicate } from "effect"
import type { JsonObject } from "./FolderFiles.ts"
import type { SafeTensor } from "./SafetensorsHeader.ts"

/** How a folder's weights are packed, by its config.json or the older quantize_config.json. */
export interface Packing {
  /** As the file has it: `awq`, `gptq`, `compressed-tensors`, `bitsandbytes`, `fp8`, `mxfp4`, `modelopt` and others. */
  readonly method: string
  /** Bits of one weight where several are packed into an integer. */
  readonly bits: number
  /** With the type that they are packed as: `awq int4`, `bitsandbytes nf4`, `mxfp4`. */
  readonly name: string
}

/** `undefined` where the folder says of no packing. */
export const packingOf = (config: JsonObject, older: JsonObject | undefined): Packing | undefined => {
  const inner = config["text_config"]
  const found = [
    config["quantization_config"],
    config["compression_config"],
    Predicate.isObject(inner) ? (inner as JsonObject)["quantization_config"] : undefined,
    older === undefined ? undefined : { quant_method: "gptq", ...older },
  ].find(Predicate.isObject) as JsonObject | undefined
  if (found === undefined) return undefined
  const method = typeof found["quant_method"] === "string" ? found["quant_method"] : "unknown"
  const bits = bitsOf(found)
  const type = typeOf(method, bits, found)
  return { method, bits, name: method === type ? type : `${method} ${type}` }
}

const bitsOf = (settings: JsonObject): number => {
  const groups = Object.values(Predicate.isObject(settings["config_groups"]) ? settings["config_groups"] : {})
  const inGroups = groups.map((group) =>
    Predicate.hasProperty(group, "weights") && Predicate.hasProperty(group.weights, "num_bits")
      ? group.weights.num_bits
      : undefined,
  )
  const named = [settings["bits"], settings["w_bit"], ...inGroups].find(Predicate.isNumber)
  return named ?? (settings["load_in_8bit"] === true ? 8 : 4)
}

const typeOf = (method: string, bits: number, settings: JsonObject): string => {
  const { bnb_4bit_quant_type: ofBits, format } = settings
  if (method === "bitsandbytes" && bits === 4) return typeof ofBits === "string" ? ofBits : "fp4"
  // Nothing is packed: their type is that of the tensors.
  if (/fp8/.test(method)) return method
  if (method === "mxfp4" || (typeof format === "string" && format.startsWith("mxfp4"))) return "mxfp4"
  return /fp4/i.test(JSON.stringify([format, settings["quant_algo"]])) ? "nvfp4" : `int${bits}`
}

/** Scales, zero points, maps and shapes: they belong to packed weights, and are none. */
const BESIDE =
  /(^|[._])(qzeros|scales|scale|scale_inv|g_idx|SCB|absmax|nested_absmax|quant_map|nested_quant_map|weight_scale(_inv|_2)?|(weight|input)_(global_scale|zero_point|scale)|weight_(shape|format)|[qkv]_scale)$|\.quant_state\./

/** Weights that are packed into integers, whatever these are called in the file. */
const PACKED = /(^|[._])(qweight|weight_packed|blocks|weight)$/

/** A tensor, and the weights that it holds. */
export interface Counted extends SafeTensor {
  /** 0 for what stands beside weights. */
  readonly parameters: number
  /** Its type, or that of the weights that are packed into it. */
  readonly type: string
}

/** The weights of each tensor. Without a packing integers are none, and all else is. Pure. */
export const countWeights = (
  tensors: ReadonlyArray<SafeTensor>,
  packing: Packing | undefined,
): ReadonlyArray<Counted> =>
  tensors.map((tensor) => {
    const { dtype, elements, isInteger, name } = tensor
    if (packing === undefined) return { ...tensor, type: dtype, parameters: isInteger ? 0 : elements }
    if (BESIDE.test(name)) return { ...tensor, type: dtype, parameters: 0 }
    if (!isInteger) return { ...tensor, type: dtype, parameters: elements }
    const width = Number(/\d+$/.exec(dtype)?.[0] ?? 8)
    if (!PACKED.test(name) || width < packing.bits) return { ...tensor, type: dtype, parameters: 0 }
    const bits = width === 8 && packing.bits > 4 ? 8 : packing.bits
    return { ...tensor, type: packing.name, parameters: Math.round((elements * width) / bits) }
  })
