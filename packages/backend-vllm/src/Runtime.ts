import { type BackendError, NotInstalled, report, type Runtime } from "@rigbook/core"
import { environmentPython, type PythonPackages, virtualEnvironment } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { dirname, join, resolve } from "node:path"
import { lockedPackages, missingMetadata } from "./Lock.ts"
import type { Options } from "./Options.ts"
import { fail, isExecutable, runtimeAt, SETUP, starts } from "./Program.ts"

const NAME = "vllm"
const PYTHON_VERSION = "3.11"

const locked = lockedPackages.pipe(Effect.mapError((reason) => fail(reason)))

const programOf = (packages: PythonPackages): string =>
  join(dirname(environmentPython(NAME, PYTHON_VERSION, packages)), "vllm")

/** The vLLM that `options` select: named, else installed by setup. One on PATH is not used: it has no lock. */
export const probe = Effect.fn("Runtime.probe")(function* ({ vllm }: Pick<Options, "vllm">) {
  if (vllm !== undefined) return yield* runtimeAt(resolve(vllm), "named")
  const program = programOf(yield* locked)
  if (!isExecutable(program))
    return yield* fail(new NotInstalled({ detail: "vLLM is not installed here.", fix: SETUP }))
  return yield* runtimeAt(program, "setup")
})

/** Creates the pinned environment if it is missing, and checks that a new one starts. */
export const setup: Effect.Effect<Runtime, BackendError, FileSystem.FileSystem> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const packages = yield* locked
  const program = programOf(packages)
  if (!isExecutable(program)) {
    yield* virtualEnvironment(NAME, PYTHON_VERSION, packages)
    const environment = dirname(dirname(program))
    yield* writeMetadata(environment, packages).pipe(
      Effect.andThen(report({ step: NAME, detail: "starting it for the first time" })),
      Effect.andThen(starts(program)),
      // One that does not start is removed again, so that the next setup starts from scratch.
      Effect.onError(() => Effect.ignore(fs.remove(environment, { recursive: true }))),
    )
    yield* report({ step: NAME, detail: "installed", finished: true })
  }
  // A setup that was interrupted after the packages left them without it.
  yield* writeMetadata(dirname(dirname(program)), packages)
  return yield* runtimeAt(program, "setup")
}).pipe(
  Effect.catchTags({
    SetupError: ({ detail, fix, logTail }) => fail(new NotInstalled({ detail, fix }), logTail),
    PlatformError: (cause) =>
      fail(
        new NotInstalled({ detail: `${cause.message}.`, fix: "Make the cache folder writable, or set RIGBOOK_CACHE." }),
      ),
  }),
  Effect.withSpan("Runtime.setup"),
)

const writeMetadata = Effect.fnUntraced(function* (environment: string, { requirements }: PythonPackages) {
  const metadata = missingMetadata(requirements)
  if (metadata === undefined) return
  const fs = yield* FileSystem.FileSystem
  const folder = join(environment, "lib", `python${PYTHON_VERSION}`, "site-packages", metadata.folder)
  if (yield* fs.exists(join(folder, "METADATA"))) return
  yield* fs.makeDirectory(folder, { recursive: true })
  yield* Effect.forEach(Object.entries(metadata.files), ([name, text]) => fs.writeFileString(join(folder, name), text))
})
