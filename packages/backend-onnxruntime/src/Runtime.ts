import { NotInstalled, Vendors } from "@rigbook/core"
import { type PythonPackages, pythonRuntime } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { pythonEnvironment } from "./Environment.ts"
import { pythonFile } from "./PythonFiles.ts"

export type LockName = "cpu" | "cuda-linux"

/** The lock for a machine, by the names that Node gives platforms and architectures, and by the vendors of its GPUs. */
export const lockName = (platform: string, arch: string, vendors: ReadonlyArray<string>): LockName | undefined => {
  if (platform !== "linux" && !(platform === "darwin" && arch === "arm64")) return undefined
  return platform === "linux" && arch === "x64" && vendors.includes("nvidia") ? "cuda-linux" : "cpu"
}

const locked: Effect.Effect<PythonPackages, NotInstalled, FileSystem.FileSystem> = Effect.gen(function* () {
  const { arch, platform } = process
  const name = lockName(platform, arch, yield* Vendors)
  if (name === undefined)
    return yield* new NotInstalled({
      detail: `No pinned set of packages for ${platform} on ${arch}.`,
      fix: "Install onnxruntime, tokenizers and numpy into your own Python, and name it in the option python.",
    })
  const fs = yield* FileSystem.FileSystem
  const requirements = yield* fs.readFileString(pythonFile(`requirements-${name}.txt`)).pipe(Effect.orDie)
  return { what: "ONNX Runtime", requirements, exactly: true }
})

/** The Python that has ONNX Runtime: found, checked, and installed. */
export const { check, probe, setup } = pythonRuntime({
  backend: "onnxruntime",
  packages: ["onnxruntime", "onnxruntime-gpu"],
  beside: ["tokenizers", "numpy"],
  module: "onnxruntime, tokenizers",
  pythonVersion: "3.11",
  locked,
  env: pythonEnvironment,
})
