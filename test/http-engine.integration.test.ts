import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { backendSuite, FAKE_HOSTS } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { asyncEngine } from "../examples/async-engine.ts"
import { effectEngine } from "../examples/effect-engine.ts"
import { httpEngine } from "../examples/http-engine.ts"
import { ggufBytes } from "../packages/core/test/models/formats/ggufBytes.ts"

/** The smallest model there can be: the engine does not read it. */
const subject = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "tiny.gguf")
  const weights = { name: "token_embd.weight", shape: [32, 2], type: 0, bytes: 256 }
  yield* fs.writeFile(path, ggufBytes({ "general.architecture": { string: "llama" } }, [weights]))
  return {
    options: {},
    models: { generate: { path }, embed: { path } },
    host: FAKE_HOSTS["CPU only"],
    limits: { openMs: 60_000, answerMs: 300_000, stallMs: 200, endMs: 60_000 },
    faults: { missingProgram: { program: "/no/such/engine" } },
  }
})

backendSuite(httpEngine, NodeServices.layer, subject)
backendSuite(asyncEngine, NodeServices.layer, subject)
backendSuite(effectEngine, NodeServices.layer, subject)

it.each(["http-engine", "async-engine", "effect-engine"])("%s takes less than 80 lines", (name) => {
  const text = readFileSync(join(import.meta.dirname, `../examples/${name}.ts`), "utf8")
  assert.isBelow(text.split("\n").length, 80)
})
