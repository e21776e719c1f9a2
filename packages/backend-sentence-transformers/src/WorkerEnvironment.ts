import { pythonPath, scrubbedEnvironment } from "@rigbook/core/engine"
import type { Options } from "./Options.ts"

/** Prefixes of variables that would change what Python, torch or a tokenizer does, unknown to the config. */
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

/**
 * The environment that every Python of this backend runs in: never contacts a hub, since a missing model would take 75
 * s.
 */
export const pythonEnvironment = (set: Readonly<Record<string, string>> = {}): Record<string, string> =>
  scrubbedEnvironment(STEERING, {
    HF_HUB_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    PYTHONDONTWRITEBYTECODE: "1", // the package's own folder may not be writable
    PYTHONHASHSEED: "0",
    PYTHONPATH: pythonPath(),
    PYTHONUNBUFFERED: "1",
    ...set,
  })

/**
 * The environment of a worker: it sees only the GPUs that are `visible`, in their order, so that its `cuda:0` can only be
 * the first of the placement.
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
