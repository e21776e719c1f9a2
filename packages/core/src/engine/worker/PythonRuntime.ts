import { Effect, FileSystem, Option, Schema } from "effect"
import { join } from "node:path"
import type { OptionIssue } from "../../Backend.ts"
import { backendError, NotInstalled } from "../../runtime/BackendError.ts"
import { Runtime } from "../../runtime/Runtime.ts"
import { environmentPython, type PythonPackages, virtualEnvironment } from "../install/Python.ts"
import { shortCommand } from "../process/ShortCommand.ts"
import { pythonPath } from "./PythonPath.ts"

/** A library that a backend runs in Python: pinned packages that `rigbook setup` installs, or a Python that a config names. */
export interface PythonLibrary {
  /** The backend's id. */
  readonly backend: string
  /** The library's package; the first one found, if it has several builds. */
  readonly packages: readonly [string, ...ReadonlyArray<string>]
  /** Packages whose versions are stored beside it. */
  readonly beside: ReadonlyArray<string>
  /** The module whose import proves that an environment works. */
  readonly module: string
  /** Of the environment that setup makes, such as `3.11`. */
  readonly pythonVersion: string
  /** The packages for this machine. */
  readonly locked: Effect.Effect<PythonPackages, NotInstalled, FileSystem.FileSystem>
  /** The environment that every Python of the backend runs in, with `pythonPath` in it. */
  readonly env: () => Readonly<Record<string, string>>
}

const decodeVersions = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.NonEmptyString)),
)

/**
 * `probe`, `check` and `setup` of a backend whose option `python` names an interpreter with the library. Versions are read
 * from the packages' metadata, so at once. They fail with `BackendError`: the library is not installed, or can't be.
 */
export const pythonRuntime = (library: PythonLibrary) => {
  const { backend, env, locked, pythonVersion } = library
  const [name] = library.packages
  const fail = backendError(backend)
  const fix = `Run \`rigbook setup ${backend}\`, or name a Python that has it in the option python.`
  const packages = locked.pipe(Effect.mapError((reason) => fail(reason)))

  const at = Effect.fn("PythonRuntime.at")(function* (path: string, origin: Runtime["origin"]) {
    // By its path: with -m Python would import whatever lies in the current folder, a workspace of others.
    const args = [join(pythonPath(), "rigbook_worker", "versions.py"), ...library.packages, ...library.beside]
    const { stdout } = yield* shortCommand(path, args, { env: env(), timeoutMs: 30_000 }).pipe(
      Effect.mapError((cause) => {
        const tail = cause.output.trimEnd().split("\n").slice(-20)
        const said = cause.missing ? "it does not exist" : `${cause.message}: ${tail.at(-1)}`
        return fail(new NotInstalled({ detail: `${path} does not work: ${said}.`, fix }), tail)
      }),
    )
    const versions = Option.getOrElse(decodeVersions(stdout), (): Record<string, string> => ({}))
    const found = library.packages.find((one) => versions[one] !== undefined)
    if (found === undefined) return yield* fail(new NotInstalled({ detail: `${path} has no ${name}.`, fix }))
    const { [found]: version = "", ...libraries } = versions
    return new Runtime({ program: found, version, origin, path, libraries })
  })

  const probe = Effect.fn("PythonRuntime.probe")(function* ({ python }: { readonly python?: string }) {
    if (python !== undefined) return yield* at(python, "named")
    const fs = yield* FileSystem.FileSystem
    const installed = environmentPython(backend, pythonVersion, yield* packages)
    if (!(yield* fs.exists(installed).pipe(Effect.orElseSucceed(() => false))))
      return yield* fail(new NotInstalled({ detail: `${name} is not installed here.`, fix }))
    return yield* at(installed, "setup")
  })

  /** Creates the pinned environment if it is missing. One that can't be imported is not kept, so that the next setup starts from scratch. */
  const setup = Effect.gen(function* () {
    const check = { code: `import ${library.module}`, env: env() }
    return yield* at(yield* virtualEnvironment(backend, pythonVersion, { ...(yield* packages), check }), "setup")
  }).pipe(
    Effect.catchTags({
      SetupError: ({ detail, fix, logTail }) => fail(new NotInstalled({ detail, fix }), logTail),
      PlatformError: (cause) =>
        fail(
          new NotInstalled({
            detail: `${cause.message}.`,
            fix: "Make the cache folder writable, or set RIGBOOK_CACHE.",
          }),
        ),
    }),
  )

  /** Options that can't work on this machine. */
  const check = ({ python }: { readonly python?: string }): Effect.Effect<ReadonlyArray<OptionIssue>> =>
    python === undefined
      ? Effect.succeed([])
      : at(python, "named").pipe(
          Effect.as([]),
          Effect.catch(({ reason }) =>
            Effect.succeed([{ path: ["python"], message: `${reason.detail} ${reason.fix}` }]),
          ),
        )

  return { check, probe, setup }
}
