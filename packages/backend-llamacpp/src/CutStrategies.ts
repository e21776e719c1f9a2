import { Placement, type Strategy } from "@rigbook/core"
import { Result } from "effect"
import type { Options } from "./Options.ts"
import { idsOf, leavesLayers, partial, placeIfFits, refuse, sharesOf, splitDevices } from "./Split.ts"

/** Every matrix cut into parts, one for each GPU. llama.cpp can't cut matrices on an RPC server. */
const cut = (id: "row" | "tensor", why: (config: Options) => string | undefined): Strategy<Options> => ({
  id,
  onlyNamed: true,
  place: (input) => {
    const left = partial(input)
    if (left !== undefined) return refuse(id, leavesLayers(left))
    const found = splitDevices(input, 2)
    if (Result.isFailure(found)) return refuse(id, found.failure)
    const remote = found.success.find(({ kind }) => kind === "remote")
    if (remote !== undefined) return refuse(id, `${remote.id} can't hold parts of a matrix: use strategy layer`)
    const unfit = why(input.config)
    if (unfit !== undefined) return refuse(id, unfit)
    const split = input.split ?? (id === "tensor" ? found.success.map(() => 1) : sharesOf(found.success))
    return placeIfFits(input, new Placement({ strategy: id, devices: idsOf(found.success), split }))
  },
})

/**
 * Refused: llama.cpp removed it from CUDA and ROCm with build 9890 (ggml-org/llama.cpp pull request 24216), and a server that
 * is started with it ends. SYCL still has it, whose devices Rigbook does not list.
 */
export const row = cut(
  "row",
  () =>
    "llama.cpp can't hold parts of a matrix by rows on CUDA and ROCm since build 9890, nor on Vulkan: use strategy tensor or layer",
)

/** Needs flash attention and a KV cache that is not quantized (llama.cpp `docs/multi-gpu.md`). */
export const tensor = cut("tensor", ({ flashAttention, kvCache }) =>
  flashAttention === "off"
    ? "it needs flash attention"
    : kvCache.startsWith("q")
      ? `it does not support a KV cache of type ${kvCache}: set kvCache to f16`
      : undefined,
)
