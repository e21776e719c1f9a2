import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { type ProgressEvent, report } from "../../Progress.ts"
import { cleanText } from "../../CleanText.ts"
import { CommandFailed, shortCommand } from "../process/ShortCommand.ts"
import { cacheFolder } from "./CacheFolder.ts"
import { findPython, pip } from "./FindPython.ts"
import { installOnce, SetupError } from "./Install.ts"

/** The installer of all Python packages; pinned, with the hashes of its wheels. */
const VERSION = "0.13.9"
const WHEELS = [
  "16963d19594e18d746a70c7fce82237bde4f2cac4cfcf0ca2b84796fe9d0c6e9",
  "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
  "3eeeb51a267a2144640fcd8f38d4a2f63439b39bc47445fd84727c3fc462c843",
  "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
  "56ec37616c00220032fc7b8c9d0ef51367fd0d70d9cd6ddd841660f949f84fed",
  "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
  "6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b",
  "6b0c7b9f47a5d011939d61e324d3fe18a8bc155d8dd53add738709a92f290a7c",
  "6d5114bba238adddacb32fb11904f2b3ff4e988f8e9ff0d8d3b5e9822cf836b8",
  "7ec1e1dd9b6cb335c301afdf877989df384227313981850755a59561f75e4ab8",
  "a2ee66fe8b6608e1482ab1bde5799da04705c1cb40324c7f66054ecf46ae6e40",
  "a6e845f387e4ed55bb59342957a9179e24a631fcc7668bda3426ae1cef8ed4b9",
  "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
  "c5dbdb7c8737cd183a9dce95b39cfd1f3d54ec2a27a1bb58f160293f9ba2c805",
  "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
  "db5c8df7145c21ffea9c0f74e38823bac3af60cbadf0e26b8633f08627b17bab",
  "dd6f4f93ddf8a668c73f0945f3638444b2140a4e15a3912067493fc6335543e4",
  "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
  "eeb92051c2123b9730c46b04cc843cfa4bc7d7b0aec56df431a2215ef4cb0273",
]

/** The path of uv: ours in the cache, installed there by the machine's own pip the first time, or one on PATH. */
const uvPath = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = join(cacheFolder(), "tools", `uv-${VERSION}`)
  const program = join(folder, "bin", "uv")
  if (yield* fs.exists(program)) return program
  yield* report({ step: "uv", detail: `installing the package installer uv ${VERSION}` })
  const requirement = [`uv==${VERSION}`, ...WHEELS.map((hash) => `--hash=sha256:${hash}`)].join(" ")
  yield* installOnce(folder, (partial) =>
    Effect.gen(function* () {
      const python = yield* findPython
      const list = `${partial}.txt`
      yield* fs.writeFileString(list, requirement)
      yield* shortCommand(
        python,
        pip("install", "--quiet", "--require-hashes", "--only-binary=:all:", "--target", partial, "-r", list),
        { timeoutMs: 300_000, guarded: true },
      ).pipe(Effect.ensuring(Effect.ignore(fs.remove(list))))
    }),
  )
  yield* report({ step: "uv", finished: true })
  return program
})

/** Runs uv to its end, reporting `Progress`. `input` becomes its standard input, `set` joins its environment. */
export const uv = Effect.fn("Uv.uv")(function* (
  what: string,
  args: ReadonlyArray<string>,
  input?: string,
  set: Readonly<Record<string, string>> = {},
) {
  const program = yield* uvPath.pipe(
    // Without pip a uv on PATH works as well: what it installs is pinned and hashed too.
    Effect.catch((cause) =>
      shortCommand("uv", ["--version"]).pipe(
        Effect.as("uv"),
        Effect.mapError(
          () =>
            new SetupError({
              what,
              detail: `The package installer uv could not be installed: ${firstLine(cause)}.`,
              fix: "Install Python 3.11 with pip (Debian: apt install python3-pip), or put uv on PATH.",
              logTail: cause instanceof CommandFailed ? tail(cause.output) : [],
            }),
        ),
      ),
    ),
  )
  const tell = yield* Effect.context<never>()
  return yield* shortCommand(program, args, {
    timeoutMs: 3_600_000,
    guarded: true,
    env: { ...environment(), ...set },
    ...(input === undefined ? {} : { input }),
    onLine: (line) => {
      const event = progressOf(what, line)
      if (event !== undefined) Effect.runForkWith(tell)(report(event))
    },
  }).pipe(
    Effect.mapError(
      (cause) =>
        new SetupError({
          what,
          detail: `uv ${args[0]} failed: ${lastLine(cause.output) ?? cause.message}.`,
          fix: "Read the lines above; packages come from the index configured for pip on this machine.",
          logTail: tail(cause.output),
        }),
    ),
  )
})

/** uv with its own settings, but without ours that would send it to another Python environment. */
const environment = (): Record<string, string> => {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(VIRTUAL_ENV|CONDA_PREFIX|PYTHONPATH|PYTHONHOME)$/.test(entry[0]),
  )
  return { ...Object.fromEntries(kept), UV_LINK_MODE: "copy", NO_COLOR: "1" }
}

/** The part of uv's line that is for people. In its verbose output (of builds) only a compiler's percentages are. */
const progressOf = (step: string, line: string): ProgressEvent | undefined => {
  const percent = /\[ *(\d+)%\] (.+)/.exec(line)
  if (percent !== null) return { step, detail: percent[2]!, done: Number(percent[1]), total: 100, unit: "steps" }
  return /^(DEBUG |TRACE |Using CPython)/.test(line) ? undefined : { step, detail: cleanText(line).trim() }
}

/** The last lines, without what may be a password in the address of an index. */
const tail = (output: string): ReadonlyArray<string> => cleanText(output).trimEnd().split("\n").slice(-40)

const lastLine = (output: string): string | undefined =>
  cleanText(output)
    .trimEnd()
    .split("\n")
    .findLast((line) => line.trim() !== "")
    ?.trim()

const firstLine = (cause: { readonly message: string }): string => cleanText(cause.message).split("\n")[0]!
