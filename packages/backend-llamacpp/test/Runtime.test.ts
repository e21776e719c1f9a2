import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { runtimeOf, type Program } from "../src/Program.ts"
import { isExecutable } from "../src/Programs.ts"
import { findProgram, probe } from "../src/Runtime.ts"

/** A folder with a program in it that says what `script` makes it say, in place of llama-server. */
const fake = Effect.fnUntraced(function* (script: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const path = join(folder, "llama-server")
  yield* fs.writeFileString(path, `#!/bin/sh\n${script}\n`)
  yield* fs.chmod(path, 0o755)
  const program: Program = { path, origin: "named", librariesBeside: false }
  return { folder, path, program }
})

/** Runs `test` with variables of the environment set, or removed where they are undefined. */
const withEnv = <A, E, R>(set: Readonly<Record<string, string | undefined>>, test: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = Object.keys(set).map((name) => [name, process.env[name]] as const)
      assign(Object.entries(set))
      return before
    }),
    () => test,
    (before) => Effect.sync(() => assign(before)),
  )

const assign = (entries: ReadonlyArray<readonly [string, string | undefined]>): void => {
  for (const [name, value] of entries)
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
}

const VERSION = 'echo "version: 0.7.0 (build 11669, commit Debian)" >&2'

describe("runtime", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("is the one that is named, before the one on PATH, before the one that setup installs", () =>
      Effect.gen(function* () {
        const { folder, path } = yield* fake(VERSION)
        const other = yield* fake(VERSION)
        const cache = other.folder
        const environment = { PATH: `/nowhere:${folder}:/bin`, RIGBOOK_LLAMACPP: undefined, RIGBOOK_CACHE: cache }
        const named = yield* withEnv(environment, probe({ binary: other.path }))
        assert.deepEqual(
          [named.origin, named.path, named.version],
          ["named", other.path, "0.7.0 (build 11669, commit Debian)"],
        )
        const onPath = yield* withEnv(environment, probe({}))
        assert.deepEqual([onPath.origin, onPath.path], ["path", path])
        for (const changed of [{ RIGBOOK_LLAMACPP: "wheel" }, { PATH: "/nowhere" }]) {
          const error = yield* Effect.flip(withEnv({ ...environment, ...changed }, findProgram({})))
          assert.strictEqual(error.reason._tag, "NotInstalled")
          assert.include(error.reason.fix, "rigbook setup llamacpp")
        }
        const wrong = yield* Effect.flip(withEnv({ ...environment, RIGBOOK_LLAMACPP: "deb" }, findProgram({})))
        assert.include(wrong.message, "wheel or source")
      }),
    )

    it.effect("tells why a program does not run here", () =>
      Effect.gen(function* () {
        const cases = [
          ["kill -ILL $$", "Unsupported", "processor"],
          ['echo "./x: version \\`GLIBC_2.38\' not found" >&2; exit 1', "Unsupported", "GLIBC_2.38"],
          ["echo 'libllama.so.0: cannot open shared object file' >&2; exit 127", "Unsupported", "exit code 127"],
          ["echo hello", "NotInstalled", "no version"],
        ] as const
        for (const [script, tag, detail] of cases) {
          const error = yield* Effect.flip(runtimeOf((yield* fake(script)).program))
          assert.strictEqual(error.reason._tag, tag)
          assert.include(error.reason.detail, detail)
        }
      }),
    )

    it.effect("knows a program from a folder and from a text", () =>
      Effect.gen(function* () {
        const { folder, path } = yield* fake(VERSION)
        assert.deepStrictEqual([path, folder, `${path}.absent`].map(isExecutable), [true, false, false])
      }),
    )
  })
})
