import { pythonPath, scrubbedEnvironment } from "@rigbook/core/engine"

/** Prefixes of variables that would change what Python, ONNX Runtime or a tokenizer does, unknown to the config. */
const STEERING = ["PYTHON", "ORT_", "ONNX", "TOKENIZERS_", "RAYON_", "CUDA_", "CUDNN_", "OMP_", "MKL_", "OPENBLAS_"]

/** The environment that every Python of this backend runs in. A worker sees only the GPUs that `set` makes visible. */
export const pythonEnvironment = (set: Readonly<Record<string, string>> = {}): Record<string, string> =>
  scrubbedEnvironment(STEERING, {
    PYTHONDONTWRITEBYTECODE: "1", // the package's own folder may not be writable
    PYTHONHASHSEED: "0",
    PYTHONPATH: pythonPath(),
    PYTHONUNBUFFERED: "1",
    ...set,
  })
