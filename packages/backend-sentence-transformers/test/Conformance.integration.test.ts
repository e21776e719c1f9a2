import { NodeServices } from "@effect/platform-node"
import { backendSuite, withDeafChild } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { fetchMiniLm } from "./MiniLm.ts"

backendSuite(
  sentenceTransformers,
  NodeServices.layer,
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { path } = yield* sentenceTransformers.setup!
    const narrow = join(yield* fs.makeTempDirectoryScoped(), "python")
    yield* fs.writeFileString(narrow, `#!/bin/sh\nulimit -v 1500000\nexec '${path}' "$@"\n`, { mode: 0o755 })
    return {
      options: { threads: 2 },
      models: { embed: yield* fetchMiniLm },
      placement: "cpu",
      limits: { answerMs: 180_000 },
      faults: {
        missingProgram: { python: "/nowhere/python" },
        unsupported: { python: "/bin/sh" },
        outOfMemory: {
          options: { python: narrow },
          request: {
            task: "embed",
            texts: Array.from({ length: 1_024 }, () => "word ".repeat(400)),
            batchSize: 1_024,
          },
        },
        deafChild: { python: yield* withDeafChild(path, "python") },
      },
    }
  }),
)
