import { type BackendError, Unsupported, Vendors } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import { dirname, join } from "node:path"
import { fail } from "./Program.ts"
import { isExecutable, pathOf } from "./Programs.ts"
import { type Build, BUILD_OF, type Recipe, sourceFor } from "./Recipe.ts"

/** The pinned source with CUDA, for the NVIDIA GPUs that are here; or what is missing for it. */
export const cudaRecipe: Effect.Effect<Recipe, BackendError> = Effect.gen(function* () {
  yield* needs("cuda", "nvidia", "nvidia-smi")
  const nvcc = yield* compiler("cuda", ["nvcc", "/usr/local/cuda/bin/nvcc"], "NVIDIA's CUDA toolkit")
  const architectures = yield* shortCommand("nvidia-smi", ["--query-gpu=compute_cap", "--format=csv,noheader"]).pipe(
    Effect.map(({ stdout }) => architecturesIn(stdout)),
    Effect.orElseSucceed(() => "native"),
  )
  // NCCL would be looked for, and is of use for strategy tensor only.
  const flags = ["-DGGML_CUDA=ON", `-DCMAKE_CUDA_ARCHITECTURES=${architectures}`, "-DGGML_CUDA_NCCL=OFF"]
  return sourceFor("cuda", flags, { CUDACXX: nvcc })
})

/** The pinned source with HIP, for the AMD GPUs that are here; or what is missing for it. */
export const rocmRecipe: Effect.Effect<Recipe, BackendError> = Effect.gen(function* () {
  yield* needs("rocm", "amd", "amd-smi")
  const hipcc = yield* compiler("rocm", ["hipcc", "/opt/rocm/bin/hipcc"], "AMD's ROCm with hipcc")
  const targets = yield* shortCommand("rocminfo", []).pipe(
    Effect.map(({ stdout }) => [...new Set(stdout.match(/\bgfx[0-9a-f]{3,5}\b/g))].join(";")),
    Effect.orElseSucceed(() => ""),
  )
  const flags = ["-DGGML_HIP=ON", ...(targets === "" ? [] : [`-DGPU_TARGETS=${targets}`])]
  // CMake takes ROCm's clang, and not hipcc, which calls that.
  const root = dirname(dirname(hipcc))
  return sourceFor("rocm", flags, { HIPCXX: join(root, "lib/llvm/bin/clang"), HIP_PATH: root })
})

/** The pinned source with Vulkan, where the one that is built ahead does not run. */
export const vulkanRecipe: Effect.Effect<Recipe, BackendError> = Effect.gen(function* () {
  yield* compiler("vulkan", ["glslc"], "glslc and the headers of Vulkan (Debian: glslc libvulkan-dev)")
  return sourceFor("vulkan", ["-DGGML_VULKAN=ON"])
})

/** The build for the GPUs of this machine, where all that it takes is here. */
export const buildHere: Effect.Effect<Recipe | undefined> = Effect.gen(function* () {
  const builds = (yield* Vendors).flatMap((vendor) => BUILD_OF[vendor] ?? [])
  // ROCm is compiled only on request: nobody has tried it yet.
  return builds.includes("cuda") ? yield* Effect.orElseSucceed(cudaRecipe, () => undefined) : undefined
})

/** `8.9` and `12.0` become `89-real;120-real`; whatever is there, where the driver does not report. */
export const architecturesIn = (capabilities: string): string => {
  const found = [...capabilities.matchAll(/^(\d+)\.(\d+)$/gm)].map(([, major, minor]) => Number(`${major}${minor}`))
  const sorted = [...new Set(found)].toSorted((a, b) => a - b)
  return sorted.length === 0 ? "native" : sorted.map((each) => `${each}-real`).join(";")
}

const needs = Effect.fnUntraced(function* (build: Build, vendor: string, tool: string) {
  if ((yield* Vendors).includes(vendor)) return
  return yield* missing(build, `no GPU for it answers here (by ${tool})`, "Install the GPU's driver")
})

/** A compiler by its names, the first that is here; a C++ compiler has to be beside it. */
const compiler = Effect.fnUntraced(function* (build: Build, names: ReadonlyArray<string>, package_: string) {
  if (["c++", "g++", "clang++"].every((name) => pathOf(name) === undefined))
    return yield* missing(build, "there is no C++ compiler", "Install one (Debian: g++)")
  const found = names.flatMap((name) =>
    name.startsWith("/") ? (isExecutable(name) ? name : []) : (pathOf(name) ?? []),
  )
  return found[0] ?? (yield* missing(build, `there is no ${names[0]}`, `Install ${package_}`))
})

const missing = (build: Build, why: string, how: string) =>
  fail(
    new Unsupported({
      detail: `llama.cpp can't be compiled for ${build} here: ${why}.`,
      fix: `${how}, and run \`rigbook setup llamacpp --build ${build}\` again${build === "vulkan" ? "" : "; without a compiler take `--build vulkan`"}.`,
    }),
  )
