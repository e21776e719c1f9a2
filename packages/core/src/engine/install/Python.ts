import { Effect } from "effect"
import { join } from "node:path"
import { report } from "../../Progress.ts"
import { shortCommand } from "../process/ShortCommand.ts"
import { cacheFolder, lockHash } from "./CacheFolder.ts"
import { pythonCode } from "./FindPython.ts"
import { installOnce, SetupError } from "./Install.ts"
import { pipSettings } from "./PipSettings.ts"
import { uv } from "./Uv.ts"

/** Python packages, each pinned and hashed. */
export interface PythonPackages {
  /** For people, such as `llama-server`. */
  readonly what: string
  /** Requirements with hashes, one a line, as `uv pip compile --generate-hashes` writes them. */
  readonly requirements: string
  /** Code that must run in the environment before it counts as installed, such as `import torch`. */
  readonly check?: { readonly code: string; readonly env: Readonly<Record<string, string>> }
  /** Use PyTorch's build without CUDA if the configured index has only CUDA builds. */
  readonly torch?: "cpu"
  /** Install only these, though some of them require more: what the lock leaves out stays out. */
  readonly exactly?: boolean
}

/**
 * Unpacks packages into `folder`, without their dependencies and without running any code of theirs. Fails with
 * `SetupError`.
 */
export const unpackPackages = Effect.fn("Python.unpackPackages")(function* (packages: PythonPackages, folder: string) {
  yield* install(packages, ["--target", folder, "--no-deps"])
  yield* report({ step: packages.what, detail: "fetched", finished: true })
})

/**
 * Compiles packages from their sources into `folder`, with `set` in the environment of the build and without
 * their dependencies. What the build itself needs comes unpinned from the index. Fails with `SetupError`.
 */
export const compilePackages = Effect.fn("Python.compilePackages")(function* (
  packages: PythonPackages,
  folder: string,
  set: Readonly<Record<string, string>>,
) {
  // The hash is that of the sources, so nothing else can replace them.
  const args = ["pip", "install", "--verbose", "--require-hashes", "--no-deps", "--requirements", "-"]
  const settings = yield* pipSettings
  yield* uv(packages.what, [...args, "--target", folder], packages.requirements, { ...settings, ...set })
  yield* report({ step: packages.what, finished: true })
})

/**
 * Makes a virtual environment of `packages` for Python `version`, once for each lock, in the cache. Returns the
 * path of its interpreter. Fails with `SetupError` if there is no such Python or pip fails, with `PlatformError` if
 * the folder can't be written.
 */
export const virtualEnvironment = Effect.fn("Python.virtualEnvironment")(function* (
  name: string,
  version: string,
  packages: PythonPackages,
) {
  yield* installOnce(environmentFolder(name, version, packages), (partial) =>
    Effect.gen(function* () {
      yield* uv(packages.what, ["venv", "--quiet", "--relocatable", "--python", version, partial])
      const python = join(partial, "bin", "python")
      // Compiled once here, not each time an engine starts.
      yield* install(packages, ["--python", python, "--compile-bytecode"])
      yield* checked(packages, python)
      yield* report({ step: packages.what, detail: "installed", finished: true })
    }),
  )
  return environmentPython(name, version, packages)
})

/** The interpreter that `virtualEnvironment` gives, whether it exists yet or not. */
export const environmentPython = (name: string, version: string, packages: PythonPackages): string =>
  join(environmentFolder(name, version, packages), "bin", "python")

const environmentFolder = (name: string, version: string, { requirements }: PythonPackages): string =>
  join(cacheFolder(), "runtimes", `${name}-${lockHash(version, requirements, process.platform, process.arch)}`)

const checked = ({ check, what }: PythonPackages, python: string) =>
  check === undefined
    ? Effect.void
    : Effect.andThen(
        report({ step: what, detail: "checking that it runs" }),
        Effect.mapError(
          shortCommand(python, pythonCode(check.code), { env: check.env, timeoutMs: 600_000 }),
          ({ message, output }) =>
            new SetupError({
              what,
              detail: `The packages are installed, but ${message}.`,
              fix: "Read the lines above: something they need may be missing on this machine.",
              logTail: output.trimEnd().split("\n").slice(-40),
            }),
        ),
      )

const install = Effect.fn("Python.install")(function* (packages: PythonPackages, target: ReadonlyArray<string>) {
  yield* report({ step: packages.what, detail: "fetching packages" })
  const common = ["pip", "install", "--require-hashes", "--no-build", "--requirements", "-", ...target]
  if (packages.exactly === true) common.push("--no-deps")
  const settings = yield* pipSettings
  const attempt = (extra: ReadonlyArray<string>) =>
    uv(packages.what, [...common, ...extra], packages.requirements, settings)
  const { torch } = packages
  if (torch === undefined) return yield* attempt([])
  // A folder of wheels that pip is set to use comes first; PyTorch's own index is used if that has none.
  return yield* attempt([]).pipe(Effect.catch(() => attempt(["--torch-backend", torch])))
})
