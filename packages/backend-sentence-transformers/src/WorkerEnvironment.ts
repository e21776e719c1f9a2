import { scrubbedEnvironment } from "@rigbook/core/engine"
import type { Options } from "./Options.ts"

/** Prefixes of variables that would change what a Python, torch or a tokenizer does behind the config's back. */
const STEERING = [
  "PYTHON",
  "HF_",
  "HUGGINGFACE_",
  "TRANSFORMERS_",
  "SENTENCE_TRANSFORMERS_",
  "TOKENIZERS_",
  "RAYON_",
  "TORCH_",
  "PYTORCH_",
  "CUDA_",
  "OMP_",
  "MKL_",
  "KMP_",
  "GOMP_",
]

/** The environment that every Python of this backend runs in: never asks a hub, for a missing model takes 75 s then. */
export const pythonEnvironment = (set: Readonly<Record<string, string>> = {}): Record<string, string> =>
  scrubbedEnvironment(STEERING, {
    HF_HUB_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    PYTHONDONTWRITEBYTECODE: "1", // the package's own folder is not ours to write to
    PYTHONHASHSEED: "0",
    PYTHONUNBUFFERED: "1",
    ...set,
  })

/**
 * The environment of a worker: it finds the GPUs that are `visible` and no other, in their order, so that what it calls
 * `cuda:0` can only be the first of the placement.
 */
export const workerEnvironment = (
  visible: Readonly<Record<string, string>>,
  { threads }: Options,
): Record<string, string> =>
  pythonEnvironment({
    ...visible,
    TOKENIZERS_PARALLELISM: "true",
    ...(threads === undefined ? {} : { OMP_NUM_THREADS: `${threads}`, RAYON_NUM_THREADS: `${threads}` }),
  })
