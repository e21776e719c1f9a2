import { CPU, type OpenInput } from "@rigbook/core"
import { cacheFolder, scrubbedEnvironment } from "@rigbook/core/engine"
import { join } from "node:path"
import type { Options } from "./Options.ts"

/** Prefixes of variables that would change what Python, torch or vLLM does, unknown to the config. */
const STEERING = [
  "VLLM_",
  "HF_",
  "HUGGINGFACE_",
  "TRANSFORMERS_",
  "TOKENIZERS_",
  "RAYON_",
  "PYTHON",
  "TORCH",
  "PYTORCH_",
  "TRITON_",
  "CUDA_",
  "NCCL_",
  "GLOO_",
  "RAY_",
  "OMP_",
  "KMP_",
  "MKL_",
  "GOMP_",
]

/** The environment of every vLLM that Rigbook starts: it contacts no hub and sends no usage statistics. */
export const vllmEnvironment = (set: Readonly<Record<string, string>> = {}): Record<string, string> =>
  scrubbedEnvironment(STEERING, {
    HF_HUB_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    VLLM_NO_USAGE_STATS: "1",
    DO_NOT_TRACK: "1",
    VLLM_CACHE_ROOT: join(cacheFolder(), "vllm"),
    PYTHONHASHSEED: "0",
    PYTHONUNBUFFERED: "1",
    ...set,
  })

/**
 * The environment of a server: it sees only what is `visible`, the placement's GPUs. `cores` are those that this process
 * may use, `address` the one at which other machines of the placement reach this one.
 */
export const serverEnvironment = (
  options: Options,
  { placement, visible }: Pick<OpenInput<Options>, "placement" | "visible">,
  cores: ReadonlyArray<number>,
  address?: string,
): Record<string, string> => {
  // Of this machine's networks, the one shared with the other nodes.
  const shared: Readonly<Record<string, string>> = address === undefined ? {} : { VLLM_HOST_IP: address }
  if (placement.devices[0] !== CPU) return vllmEnvironment({ ...visible, ...shared })
  const binding = options.threads ?? bindingOf(placement.degree ?? 1, cores)
  return vllmEnvironment({
    ...visible,
    ...shared,
    ...(binding === undefined ? {} : { VLLM_CPU_OMP_THREADS_BIND: binding }),
  })
}

/**
 * Cores of each process, an equal share. For one process vLLM chooses, which keeps a core free for the server;
 * several it would put on one NUMA node each, and refuse if there are fewer.
 */
export const bindingOf = (processes: number, cores: ReadonlyArray<number>): string | undefined => {
  const share = Math.floor(cores.length / processes)
  if (processes === 1 || share === 0) return undefined
  return Array.from({ length: processes }, (_, rank) => cores.slice(rank * share, (rank + 1) * share).join(",")).join(
    "|",
  )
}

/** Reads the kernel's lists of cores, such as `0-3,8`. */
export const coresIn = (list: string): ReadonlyArray<number> =>
  list
    .trim()
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number)
      return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index)
    })
