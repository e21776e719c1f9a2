import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { RatingRules } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { METRICS } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { readRatingRules } from "../../src/rating/ReadRatingRules.ts"

const HERE = fileURLToPath(new URL("../../../..", import.meta.url))

const rulesIn = (files: Readonly<Record<string, string>>) => Effect.flatMap(fakeWorkspace(files), readRatingRules)

layer(NodeServices.layer)("readRatingRules", (it) => {
  it.effect("has none where there is no file", () => Effect.map(rulesIn({}), (rules) => assert.isUndefined(rules)))

  it.effect("reads this repository's own, which request metrics and name configs that there are", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const rules = yield* readRatingRules(workspaceAt(HERE, { rigbook: 1 }))
      assert.isTrue(Schema.is(RatingRules)(rules))
      const known = new Set(METRICS.map(({ id }) => id))
      for (const { criteria, requires } of rules!.useCases) {
        for (const { metric } of criteria) assert.isTrue(known.has(metric), metric)
        for (const model of requires?.models ?? [])
          assert.isTrue(yield* fs.exists(join(HERE, `models/configs/${model}.yaml`)), model)
      }
    }),
  )

  it.effect("points at what is wrong", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        rulesIn({
          "models/rating.yaml": `version: 1
gates: { trials: 5, reasons: [bussy-host] }
coverage: 2
speedOnlyStars: 4
useCases:
  - id: chat
    title: Chat
    task: generate
    criteria:
      - metric: ttft
        weight: 1
        points: [[20, 1], [10, 0]]
`,
        }),
      )
      assert.strictEqual(error._tag, "ConfigError")
      assert.match(error.message, /^models\/rating\.yaml:2:31: gates\.reasons\[0\]: .*"bussy-host"/m)
      assert.match(error.message, /^models\/rating\.yaml:3:11: coverage: .*2/m)
      assert.match(
        error.message,
        /^models\/rating\.yaml:12:9: useCases\[0\]\.criteria\[0\]\.points: expected values that rise/m,
      )
    }),
  )
})
