import { assert, describe, it } from "@effect/vitest"
import { complete, CPU, DeviceId, type ModelFacts, Placement } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { fakeModel } from "../../testkit/src/FakeBackend.ts"
import { checkModel } from "../src/CheckModel.ts"
import { Options } from "../src/Options.ts"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { decodeOptions } from "./MiniLm.ts"

const placement = new Placement({ strategy: "cpu", devices: [CPU] })

describe("Options", () => {
  it.effect("run no code of the model unless configured to", () =>
    Effect.gen(function* () {
      const options = yield* decodeOptions({})
      assert.deepStrictEqual(options, { dtype: "auto", normalize: false, trustRemoteCode: false })
    }),
  )

  it.effect("stand in a cell's identity as before where no prompt is chosen", () =>
    Effect.gen(function* () {
      const encoded = (options: typeof Options.Encoded) =>
        Effect.flatMap(decodeOptions(options), Schema.encodeEffect(Options))
      assert.deepStrictEqual(yield* encoded({ maxLength: 16 }), {
        dtype: "auto",
        maxLength: 16,
        normalize: false,
        trustRemoteCode: false,
      })
      assert.deepInclude(yield* encoded({ prompt: "passage: " }), { prompt: "passage: " })
    }),
  )

  it.effect("are checked against the model, each at its place", () =>
    Effect.gen(function* () {
      const wrong = (options: typeof Options.Encoded, model: Partial<ModelFacts>) =>
        Effect.map(decodeOptions(options), (decoded) =>
          checkModel(decoded, fakeModel(model)).map(({ message, path }) => `${path.join(".")}: ${message}`),
        )
      const prompts = { query: "query: ", passage: "passage: " }
      assert.deepStrictEqual(yield* wrong({ maxLength: 512, promptName: "query" }, { positions: 512, prompts }), [])
      assert.deepStrictEqual(yield* wrong({ maxLength: 99_999, prompt: "x " }, {}), [])
      const issues = [
        ...(yield* wrong({ maxLength: 514 }, { positions: 512 })),
        ...(yield* wrong({ maxLength: 8 }, { architecture: "static" })),
        ...(yield* wrong({ promptName: "qery" }, { prompts })),
        ...(yield* wrong({ promptName: "query" }, {})),
        ...(yield* wrong({ promptName: "query", prompt: "query: " }, { prompts })),
      ]
      assert.deepStrictEqual(
        issues.map((issue) =>
          /^maxLength: .*(512|any length)|^promptName: .*(query, passage|no prompts|either prompt or)/.test(issue),
        ),
        issues.map(() => true),
      )
      assert.lengthOf(issues, 5)
    }),
  )

  it.effect("request nothing where the choice is left to others", () =>
    Effect.gen(function* () {
      const { requested } = complete(sentenceTransformers)
      assert.deepStrictEqual(requested(yield* decodeOptions({}), placement), {})
      const chosen = { dtype: "float16", threads: 2, maxLength: 128, normalize: true } as const
      const on = new Placement({ strategy: "single", devices: [DeviceId.make("GPU-1")] })
      assert.deepStrictEqual(requested(yield* decodeOptions(chosen), on), chosen)
    }),
  )

  for (const wrong of [{ dtype: "fp16" }, { threads: 0 }, { maxLength: 1.5 }, { python: "" }, { normalize: "yes" }]) {
    it.effect(`refuse ${JSON.stringify(wrong)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(decodeOptions(wrong as object))
        assert.include(error.message, Object.keys(wrong)[0]!)
      }),
    )
  }
})
