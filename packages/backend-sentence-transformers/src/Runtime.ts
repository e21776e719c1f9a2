import { pythonRuntime } from "@rigbook/core/engine"
import { lockedPackages } from "./Lock.ts"
import { pythonEnvironment } from "./WorkerEnvironment.ts"

/** The Python that has sentence-transformers: found, checked, and installed. */
export const { check, probe, setup } = pythonRuntime({
  backend: "sentence-transformers",
  packages: ["sentence-transformers"],
  beside: ["torch", "transformers", "tokenizers", "safetensors", "numpy"],
  module: "sentence_transformers",
  pythonVersion: "3.11",
  locked: lockedPackages,
  env: pythonEnvironment,
})
