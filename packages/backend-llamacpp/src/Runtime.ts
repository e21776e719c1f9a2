import { type BackendError, NotInstalled, report, type Runtime, Unsupported } from "@rigbook/core"
import { Effect, FileSystem, Option, Result } from "effect"
import { resolve } from "node:path"
import { buildHere, cudaRecipe, rocmRecipe, vulkanRecipe } from "./Builds.ts"
import { choose, chosenProgram } from "./Chosen.ts"
import type { Options } from "./Options.ts"
import { fail, type Program, runtimeOf } from "./Program.ts"
import { pathOf } from "./Programs.ts"
import { type Recipe, SOURCE, WHEEL } from "./Recipe.ts"
import { install, programOf, wheelFits } from "./Setup.ts"

type Choice = "wheel" | "source" | undefined

/** `RIGBOOK_LLAMACPP` selects one of setup's own programs, whatever is on PATH. */
const choice: Effect.Effect<Choice, BackendError> = Effect.suspend(() => {
  const value = process.env["RIGBOOK_LLAMACPP"]
  if (value === undefined || value === "") return Effect.succeed(undefined)
  if (value === "wheel" || value === "source") return Effect.succeed(value)
  return fail(
    new Unsupported({
      detail: `RIGBOOK_LLAMACPP is ${value}.`,
      fix: "Set it to wheel or source, or unset it.",
    }),
  )
})

/** The llama-server to run: named in the options, else a build that was requested of setup, else on PATH, else setup's. */
export const findProgram: (
  options: Pick<Options, "binary">,
) => Effect.Effect<Program, BackendError, FileSystem.FileSystem> = Effect.fn("Runtime.findProgram")(function* ({
  binary,
}) {
  if (binary !== undefined) return { path: resolve(binary), origin: "named" as const, librariesBeside: false }
  const fs = yield* FileSystem.FileSystem
  const chosen = yield* choice
  const kept = chosen === undefined ? yield* chosenProgram : undefined
  if (kept !== undefined) return kept
  const onPath = chosen === undefined ? pathOf("llama-server") : undefined
  if (onPath !== undefined) return { path: onPath, origin: "path" as const, librariesBeside: false }
  const recipes = [WHEEL, SOURCE].filter(({ name }) => chosen === undefined || name === chosen)
  for (const program of recipes.map((recipe) => programOf(recipe)))
    if (yield* Effect.orElseSucceed(fs.exists(program.path), () => false)) return program
  return yield* fail(
    new NotInstalled({
      detail: "No llama-server on PATH, and setup has not installed one.",
      fix: "Run `rigbook setup llamacpp`.",
    }),
  )
})

/** Reads the version of the program that `options` select. */
export const probe = Effect.fn("Runtime.probe")(function* (options: Pick<Options, "binary">) {
  return yield* runtimeOf(yield* findProgram(options))
})

/**
 * Installs llama-server where none is found, and compiles one for NVIDIA's GPUs where they and a compiler are: that takes
 * the place of a wheel that is there. Without a compiler the wheel, where it runs, else the source.
 */
export const setup: Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.gen(function* () {
  const found = Option.getOrUndefined(yield* Effect.option(findProgram({})))
  const chosen = yield* choice
  if (found !== undefined && (chosen !== undefined || found.origin !== "setup" || found.computes !== undefined))
    return yield* runtimeOf(found)
  if (chosen !== undefined) return yield* install(chosen === "wheel" ? WHEEL : SOURCE)
  const own = (yield* chosenProgram) === undefined ? yield* buildHere : undefined
  if (own !== undefined) {
    const built = yield* Effect.result(keep(own))
    if (Result.isSuccess(built)) return built.success
    const { detail } = built.failure.reason
    yield* report({
      step: "llama-server",
      detail: `can't be compiled with ${own.name}: ${detail} The prebuilt one is taken.`,
    })
  }
  return found !== undefined ? yield* runtimeOf(found) : yield* installFitting
}).pipe(Effect.withSpan("Runtime.setup"))

/** The wheel where it runs here, else one that is compiled. */
const installFitting = Effect.suspend(() =>
  !wheelFits()
    ? install(SOURCE)
    : install(WHEEL).pipe(
        Effect.catchIf(
          ({ reason }) => reason._tag === "Unsupported",
          ({ reason }) =>
            report({ step: "llama-server", detail: `the prebuilt one does not run here: ${reason.detail}` }).pipe(
              Effect.andThen(install(SOURCE)),
            ),
        ),
      ),
)

/** Installs a recipe's program, and has it run from now on. */
const keep = (recipe: Recipe) =>
  Effect.tap(install(recipe), () =>
    choose(programOf(recipe)).pipe(
      Effect.catch((error) =>
        fail(new NotInstalled({ detail: `${error.message}.`, fix: "Check that the cache folder can be written to." })),
      ),
    ),
  )

/** The builds that can be requested by name. */
export const builds: Readonly<Record<string, Effect.Effect<Runtime, BackendError, FileSystem.FileSystem>>> = {
  cuda: Effect.flatMap(cudaRecipe, keep),
  vulkan: Effect.suspend(() => (wheelFits() ? keep(WHEEL) : Effect.flatMap(vulkanRecipe, keep))),
  rocm: Effect.flatMap(rocmRecipe, keep),
  cpu: keep(SOURCE),
}
