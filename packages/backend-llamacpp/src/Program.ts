import { type BackendError, backendError, NotInstalled, Runtime, Unsupported } from "@rigbook/core"
import { type CommandFailed, scrubbedEnvironment, shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import { dirname } from "node:path"
import { failureOf, illegalInstruction } from "./Failure.ts"

/** A llama-server on this machine. */
export interface Program {
  readonly path: string
  readonly origin: Runtime["origin"]
  /** Whether its libraries are beside it, and not found otherwise. */
  readonly librariesBeside: boolean
  /** The package that it came in, with its version. */
  readonly package?: readonly [name: string, version: string]
  /** What it was compiled for here, beside the processor. */
  readonly computes?: string
}

export const fail = backendError("llamacpp")

/** Variables that would change llama.cpp's options unnoticed. */
const STEERING = ["LLAMA_", "GGML_", "HF_"]

/** The whole environment of `program`, which sees only the GPUs that are `visible`: `CUDA0` is the first of them. */
export const environmentOf = (
  program: Program,
  visible: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const inherited = process.env["LD_LIBRARY_PATH"]
  const folders = [dirname(program.path), ...(inherited ? [inherited] : [])].join(":")
  return scrubbedEnvironment(STEERING, {
    ...(program.librariesBeside ? { LD_LIBRARY_PATH: folders } : {}),
    ...visible,
  })
}

/** Runs `program --version`, which proves that it runs on this machine. */
export const runtimeOf: (program: Program) => Effect.Effect<Runtime, BackendError> = Effect.fn("Program.runtimeOf")(
  function* (program) {
    const { stderr, stdout } = yield* shortCommand(program.path, ["--version"], { env: environmentOf(program) }).pipe(
      Effect.mapError((cause) => notRunning(program, cause)),
    )
    const version = versionIn(`${stderr}\n${stdout}`)
    if (version === undefined)
      return yield* fail(
        new NotInstalled({
          detail: `${program.path} --version reports no version of llama.cpp.`,
          fix: "Name a llama-server as `binary`, or remove that option and run `rigbook setup llamacpp`.",
        }),
        [stdout, stderr],
      )
    const [name, packageVersion] = program.package ?? []
    return new Runtime({
      program: "llama-server",
      version,
      origin: program.origin,
      path: program.path,
      libraries: {
        ...(name === undefined || packageVersion === undefined ? {} : { [name]: packageVersion }),
        ...(program.computes === undefined ? {} : { build: program.computes }),
      },
    })
  },
)

/** Some builds print it on standard output, most on standard error. */
export const versionIn = (output: string): string | undefined => /^version: (.+)$/m.exec(output)?.[1]?.trim()

const notRunning = (program: Program, cause: CommandFailed): BackendError => {
  const log = cause.output.trimEnd().split("\n")
  if (cause.missing)
    return fail(
      new NotInstalled({
        detail: `${program.path} does not exist, or is not executable.`,
        fix: "Check `binary` in backends.llamacpp, or remove it and run `rigbook setup llamacpp`.",
      }),
    )
  if (cause.signal === "SIGILL") return fail(illegalInstruction, log)
  if (cause.exitCode !== undefined) {
    const reason = failureOf(cause.exitCode, log)
    if (reason._tag !== "Crashed") return fail(reason, log)
  }
  return fail(
    new Unsupported({
      detail: `${cause.message} when run with --version: it does not run on this machine.`,
      fix: "Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one here, or name another as `binary`.",
    }),
    log,
  )
}
