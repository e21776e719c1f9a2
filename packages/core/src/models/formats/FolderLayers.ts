import { Predicate } from "effect"
import type { ModelFacts } from "../../model/Model.ts"
import { isCount, type JsonObject } from "./FolderFiles.ts"

type Facts = Pick<typeof ModelFacts.Type, "assumed" | "kvHeadsByLayer" | "latentLength" | "recurrent" | "slidingWindow">
type States = Omit<NonNullable<Facts["recurrent"]>, "layers">

/** What a layer keeps of texts: keys and values of all tokens or of the last ones, a state of fixed size, or nothing. */
type Kind = "full" | "window" | "state" | "both" | "none"

/** Where layers keep less than all heads' keys and values of the whole context, by a folder's config.json. */
export const folderLayers = (architecture: string, settings: JsonObject, kvHeads: number | undefined): Facts => {
  const { attention_chunk_size: chunk, kv_lora_rank: rank, qk_rope_head_dim: rope, sliding_window: window } = settings
  const latent = isCount(rank) && isCount(rope) ? { latentLength: rank + rope } : {}
  const count = settings["num_hidden_layers"]
  if (!isCount(count)) return latent
  const tokens = [chunk, settings["use_sliding_window"] === false ? undefined : window].find(isCount)
  const kinds = kindsOf(architecture, settings, count, tokens !== undefined)
  const at = (...wanted: ReadonlyArray<Kind>) => kinds.flatMap((kind, layer) => (wanted.includes(kind) ? [layer] : []))
  const stateLayers = at("state", "both")
  const states = stateLayers.length === 0 ? undefined : statesOf(settings)
  const windows = at("window")
  const keeps = kinds.map((kind) => kind !== "state" && kind !== "none")
  return {
    ...latent,
    ...(tokens === undefined || windows.length === 0 ? {} : { slidingWindow: { tokens, layers: windows } }),
    ...(states === undefined ? {} : { recurrent: { layers: stateLayers, ...states } }),
    ...(kvHeads === undefined || keeps.every(Boolean)
      ? {}
      : { kvHeadsByLayer: keeps.map((kept) => (kept ? kvHeads : 0)) }),
    ...(stateLayers.length > 0 && states === undefined
      ? { assumed: [`no state of ${stateLayers.length} layers: how large it is, is not known`] }
      : {}),
  }
}

/** By the list of layers where there is one, else by what is known of the architecture. */
const kindsOf = (
  architecture: string,
  settings: JsonObject,
  count: number,
  hasWindow: boolean,
): ReadonlyArray<Kind> => {
  const all = Array.from({ length: count }, (_, layer) => layer)
  const listed = settings["layer_types"] ?? settings["layers_block_type"]
  if (Array.isArray(listed)) return all.map((layer) => kindNamed(String(listed[layer]), architecture))
  const pattern = settings["hybrid_override_pattern"]
  if (typeof pattern === "string")
    return all.map((layer) => (pattern[layer] === "M" ? "state" : pattern[layer] === "*" ? "full" : "none"))
  const attending = settings["attn_layer_indices"]
  if (Array.isArray(attending)) return all.map((layer) => (attending.includes(layer) ? "full" : "state"))
  if (isCount(settings["linear_num_value_heads"])) {
    const every = isCount(settings["full_attention_interval"]) ? settings["full_attention_interval"] : 4
    return all.map((layer) => ((layer + 1) % every === 0 ? "full" : "state"))
  }
  if (architecture.startsWith("mamba")) return all.map(() => "state")
  if (architecture === "falcon_h1") return all.map(() => "both")
  const every = settings["sliding_window_pattern"]
  if (hasWindow && isCount(every)) return all.map((layer) => ((layer + 1) % every === 0 ? "full" : "window"))
  if (hasWindow && architecture === "gemma2") return all.map((layer) => (layer % 2 === 0 ? "window" : "full"))
  return all.map(() => (hasWindow && ALL_WINDOWED.test(architecture) ? "window" : "full"))
}

/** Whose layers all look back no further than the window that they name. */
const ALL_WINDOWED = /^(mistral|mixtral|phi3|starcoder2)$/

const kindNamed = (name: string, architecture: string): Kind => {
  if (/sliding|chunked|local/.test(name)) return "window"
  if (architecture === "falcon_h1") return "both"
  return /linear|mamba|conv|recurrent/.test(name) ? "state" : /attention|hybrid/.test(name) ? "full" : "none"
}

/** Values of one sequence in one layer. Source: vLLM `model_executor/layers/mamba/mamba_utils.py`, shapes on one GPU. */
const statesOf = (settings: JsonObject): States | undefined => {
  const first = (...names: ReadonlyArray<string>): number | undefined =>
    names.map((name) => settings[name]).find(isCount)
  const hidden = first("hidden_size") ?? 0
  const keyHeads = first("linear_num_key_heads")
  const valueHeads = first("linear_num_value_heads")
  const kernel = first("linear_conv_kernel_dim", "mamba_d_conv", "conv_kernel", "conv_L_cache") ?? 4
  if (keyHeads !== undefined && valueHeads !== undefined) {
    const key = first("linear_key_head_dim") ?? 0
    const value = first("linear_value_head_dim") ?? 0
    return {
      convolution: (kernel - 1) * (2 * keyHeads * key + valueHeads * value),
      state: valueHeads * value * key,
    }
  }
  if (Predicate.hasProperty(settings, "conv_L_cache")) return { convolution: hidden * (kernel - 1), state: 0 }
  const state = first("mamba_d_state", "ssm_state_size", "state_size")
  if (state === undefined) return undefined
  const heads = first("mamba_n_heads", "mamba_num_heads")
  const expanded = (first("mamba_expand", "expand") ?? 2) * hidden
  if (heads === undefined) {
    const inner =
      first("intermediate_size") !== undefined && "state_size" in settings ? first("intermediate_size")! : expanded
    return { convolution: (kernel - 1) * inner, state: inner * state, inner }
  }
  const inner = first("mamba_d_ssm") ?? heads * (first("mamba_d_head", "mamba_head_dim") ?? expanded / heads)
  const mixed = inner + 2 * (first("mamba_n_groups", "n_groups") ?? 1) * state
  return { convolution: (kernel - 1) * mixed, state: inner * state, inner, mixed }
}
