import { NotInstalled, Vendors } from "@rigbook/core"
import type { PythonPackages } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { pythonFile } from "./PythonFiles.ts"

export type LockName = "cpu-linux" | "cuda-linux" | "macos"

/** The lock for a machine, by the names that Node gives platforms and architectures, and by the vendors of its GPUs; none for others. */
export const lockName = (platform: string, arch: string, vendors: ReadonlyArray<string>): LockName | undefined => {
  if (platform === "darwin" && arch === "arm64") return "macos"
  if (platform === "linux" && arch === "x64") return vendors.includes("nvidia") ? "cuda-linux" : "cpu-linux"
  return undefined
}

/** The pinned, hashed packages for this machine. */
export const lockedPackages: Effect.Effect<PythonPackages, NotInstalled, FileSystem.FileSystem> = Effect.gen(
  function* () {
    const { arch, platform } = process
    const name = lockName(platform, arch, yield* Vendors)
    if (name === undefined)
      return yield* new NotInstalled({
        detail: `No pinned set of packages for ${platform} on ${arch}.`,
        fix: "Install sentence-transformers into your own Python, and name it in the option python.",
      })
    const fs = yield* FileSystem.FileSystem
    const requirements = yield* fs.readFileString(pythonFile(`requirements-${name}.txt`)).pipe(Effect.orDie)
    return { what: "sentence-transformers", requirements, ...(name === "cpu-linux" ? { torch: "cpu" } : {}) }
  },
)
