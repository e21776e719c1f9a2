import { type BackendError, backendError, NotInstalled, type OptionIssue, Runtime } from "@rigbook/core"
import { environmentPython, shortCommand, virtualEnvironment } from "@rigbook/core/engine"
import { Effect, FileSystem, Option, Schema } from "effect"
import { lockedPackages } from "./Lock.ts"
import type { Options } from "./Options.ts"
import { pythonFile } from "./PythonFiles.ts"
import { pythonEnvironment } from "./WorkerEnvironment.ts"

const NAME = "sentence-transformers"
const PYTHON_VERSION = "3.11"
const fail = backendError(NAME)

const SETUP = `Run \`rigbook setup ${NAME}\`, or name a Python that has it in the option python.`

const decodeVersions = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.NonEmptyString)),
)

/** The interpreter that `options` select, and its packages: read from their metadata, so at once. */
export const probe = Effect.fn("Runtime.probe")(function* ({ python }: Options) {
  if (python !== undefined) return yield* runtimeAt(python, "named")
  const fs = yield* FileSystem.FileSystem
  const packages = yield* lockedPackages.pipe(Effect.mapError((reason) => fail(reason)))
  const installed = environmentPython(NAME, PYTHON_VERSION, packages)
  if (!(yield* fs.exists(installed).pipe(Effect.orElseSucceed(() => false))))
    return yield* fail(new NotInstalled({ detail: "sentence-transformers is not installed here.", fix: SETUP }))
  return yield* runtimeAt(installed, "setup")
})

/** Creates the pinned environment if it is missing, and checks that a new one can be imported. */
export const setup: Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.gen(function* () {
  const packages = yield* lockedPackages.pipe(Effect.mapError((reason) => fail(reason)))
  const interpreter = environmentPython(NAME, PYTHON_VERSION, packages)
  yield* virtualEnvironment(NAME, PYTHON_VERSION, {
    ...packages,
    check: { code: "import sentence_transformers", env: pythonEnvironment() },
  })
  return yield* runtimeAt(interpreter, "setup")
}).pipe(
  Effect.catchTags({
    SetupError: ({ detail, fix, logTail }) => fail(new NotInstalled({ detail, fix }), logTail),
    PlatformError: (cause) =>
      fail(
        new NotInstalled({ detail: `${cause.message}.`, fix: "Make the cache folder writable, or set RIGBOOK_CACHE." }),
      ),
  }),
)

/** Options that can't work on this machine. */
export const check = ({ python }: Options): Effect.Effect<ReadonlyArray<OptionIssue>> =>
  python === undefined
    ? Effect.succeed([])
    : runtimeAt(python, "named").pipe(
        Effect.as([]),
        Effect.catch(({ reason }) => Effect.succeed([{ path: ["python"], message: `${reason.detail} ${reason.fix}` }])),
      )

const runtimeAt = Effect.fnUntraced(function* (path: string, origin: Runtime["origin"]) {
  const { stdout } = yield* run(path, [pythonFile("versions.py")], 30_000)
  const { [NAME]: version, ...libraries } = Option.getOrElse(
    decodeVersions(stdout),
    () => ({}) as Record<string, string>,
  )
  if (version === undefined)
    return yield* fail(new NotInstalled({ detail: `${path} has no sentence-transformers.`, fix: SETUP }))
  return new Runtime({ program: NAME, version, origin, path, libraries })
})

const run = (python: string, args: ReadonlyArray<string>, timeoutMs: number) =>
  shortCommand(python, args, { env: pythonEnvironment(), timeoutMs }).pipe(
    Effect.mapError((cause) => {
      const tail = cause.output.trimEnd().split("\n").slice(-20)
      const said = cause.missing ? "it does not exist" : `${cause.message}: ${tail.at(-1)}`
      return fail(new NotInstalled({ detail: `${python} does not work: ${said}.`, fix: SETUP }), tail)
    }),
  )
