import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { bytesOf, complete, ModelFacts, promptsOf } from "@rigbook/core"
import { readPrompts, readRecords, workspaceAt } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { join } from "node:path"

const workspace = workspaceAt(join(import.meta.dirname, ".."), { rigbook: 1 })
const backend = complete(sentenceTransformers)

layer(NodeServices.layer)("the memory of embedding models, by the lengths of their texts", (it) => {
  it.effect("is within 15 % of what was found, for every record of this repository", () =>
    Effect.gen(function* () {
      const { records } = yield* readRecords(workspace.raw)
      const embedding = records.filter(({ cell }) => cell.backend === backend.id)
      assert.isNotEmpty(embedding)
      for (const { cell, id, observed } of embedding) {
        const { scenario } = cell
        const model = cell.model as ModelFacts
        const { ...facts } = model
        // Records of their time don't say where tensors belong: all tables but that of tokens are small.
        const input = model.vocabulary! * model.hiddenSize! * 4
        const demand = backend.demandOf({
          ...cell,
          config: Schema.decodeUnknownSync(sentenceTransformers.config)(cell.options),
          model: new ModelFacts({
            ...facts,
            tensorBytes: { input, layers: [model.weightBytes - input], output: 0, tied: true },
          }),
          promptSet: yield* readPrompts(promptsOf(scenario)!, workspace),
        })
        const found = observed.peakRssBytes
        assert.property(found, "value")
        const off = bytesOf(demand.flatMap(({ parts }) => parts)) / ("value" in found ? found.value : 0) - 1
        assert.isBelow(Math.abs(off), 0.15, `${id}: ${(100 * off).toFixed(0)} %`)
      }
    }),
  )
})
