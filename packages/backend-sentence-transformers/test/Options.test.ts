import { assert, describe, it } from "@effect/vitest"
import { complete, CPU, DeviceId, Placement } from "@rigbook/core"
import { Effect } from "effect"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { decodeOptions } from "./MiniLm.ts"

const placement = new Placement({ strategy: "cpu", devices: [CPU] })

describe("Options", () => {
  it.effect("run no code of the model unless told to", () =>
    Effect.gen(function* () {
      const options = yield* decodeOptions({})
      assert.deepStrictEqual(options, { dtype: "auto", normalize: false, trustRemoteCode: false })
    }),
  )

  it.effect("ask for nothing where the choice is left to others", () =>
    Effect.gen(function* () {
      const { requested } = complete(sentenceTransformers)
      assert.deepStrictEqual(requested(yield* decodeOptions({}), placement), {})
      const asked = { dtype: "float16", threads: 2, maxLength: 128, normalize: true } as const
      const on = new Placement({ strategy: "single", devices: [DeviceId.make("GPU-1")] })
      assert.deepStrictEqual(requested(yield* decodeOptions(asked), on), asked)
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
