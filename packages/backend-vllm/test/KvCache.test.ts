import { assert, describe, it } from "@effect/vitest"
import type { ModelFacts } from "@rigbook/core"
import { BLOCK, keptBytes, kvShares, requestBytes, roomFor } from "../src/KvCache.ts"
import { model } from "./Model.ts"
import { options } from "./Options.ts"

const every = (count: number, of: number, at: (place: number) => boolean) =>
  Array.from({ length: count }, (_, layer) => layer).filter((layer) => at(layer % of))

/** As their folders say. */
const SHAPES: Readonly<Record<string, Partial<ModelFacts>>> = {
  "llama 3.1 70B": { layers: 80, heads: 64, kvHeads: 8, keyLength: 128 },
  "gemma 3 27B": {
    layers: 62,
    heads: 32,
    kvHeads: 16,
    keyLength: 128,
    slidingWindow: { tokens: 1024, layers: every(62, 6, (place) => place < 5) },
  },
  "gpt-oss 20B": {
    layers: 24,
    heads: 64,
    kvHeads: 8,
    keyLength: 64,
    slidingWindow: { tokens: 128, layers: every(24, 2, (place) => place === 0) },
  },
  "qwen3-next 80B": {
    layers: 48,
    heads: 16,
    kvHeads: 2,
    keyLength: 256,
    kvHeadsByLayer: Array.from({ length: 48 }, (_, layer) => (layer % 4 === 3 ? 2 : 0)),
    recurrent: {
      layers: every(48, 4, (place) => place < 3),
      convolution: 3 * (2 * 16 * 128 + 32 * 128),
      state: 32 * 128 * 128,
    },
  },
}

/**
 * What vLLM 0.32.0 says of the same layers: `_max_memory_usage_bytes_from_groups` and the empty block of
 * `_pool_bytes_per_block` in its `v1/core/kv_cache_utils.py`, with blocks of 16 tokens, 4096 in flight and bfloat16.
 */
const FIGURES: ReadonlyArray<readonly [shape: keyof typeof SHAPES, tokens: number, bytes: number]> = [
  ["llama 3.1 70B", 32_768, 10_742_661_120],
  ["llama 3.1 70B", 131_072, 42_954_915_840],
  ["gemma 3 27B", 4096, 2_357_985_280],
  ["gemma 3 27B", 32_768, 5_210_112_000],
  ["gemma 3 27B", 131_072, 13_263_175_680],
  ["gpt-oss 20B", 4096, 202_113_024],
  ["gpt-oss 20B", 32_768, 909_901_824],
  ["gpt-oss 20B", 131_072, 3_325_820_928],
  ["qwen3-next 80B", 4096, 160_432_128],
  ["qwen3-next 80B", 32_768, 869_007_360],
  ["qwen3-next 80B", 131_072, 3_275_489_280],
]

describe("requestBytes", () => {
  for (const [shape, tokens, bytes] of FIGURES)
    it(`is what vLLM says of ${shape} with ${tokens} tokens, to the byte`, () => {
      assert.strictEqual(requestBytes(model(SHAPES[shape]), options({}), tokens, BLOCK.gpu)?.bytes, bytes)
    })

  it("is of a latent vector alone, which each GPU has as a whole", () => {
    const deepSeek = model({ layers: 61, heads: 128, kvHeads: 128, latentLength: 576 })
    assert.strictEqual(requestBytes(deepSeek, options({}), 16, BLOCK.gpu)?.bytes, 2 * 61 * 16 * 576 * 2)
    assert.deepStrictEqual([kvShares(deepSeek, 8), kvShares(model({ kvHeads: 2 }), 8)], [1, 2])
  })

  it("is a state where no layer has keys and values", () => {
    const recurrent = { layers: [0, 1], convolution: 10, state: 100 }
    const mamba = model({ layers: 2, kvHeadsByLayer: [0, 0], recurrent })
    assert.strictEqual(requestBytes(mamba, options({}), 4096, BLOCK.gpu)?.bytes, 2 * 2 * 110 * 2)
  })

  it("keeps more than is read for a token: of windows their own tokens", () => {
    const gemma = model(SHAPES["gemma 3 27B"])
    const token = 2 * 16 * 128 * 2
    assert.strictEqual(keptBytes(gemma, options({}), 10_000), (10 * 10_000 + 52 * 1024) * token)
    const next = model(SHAPES["qwen3-next 80B"])
    const state = 2 * (3 * 8192 + 32 * 128 * 128)
    assert.strictEqual(keptBytes(next, options({}), 100), 12 * 100 * 2 * 2 * 256 * 2 + 36 * state)
  })

  it("has room for as many tokens as fit, and for no more", () => {
    for (const shape of Object.keys(SHAPES)) {
      const facts = model(SHAPES[shape])
      const room = 5 * 2 ** 30
      const tokens = roomFor(facts, options({}), room)!
      assert.isAtMost(requestBytes(facts, options({}), tokens, BLOCK.gpu)!.bytes, room)
      assert.isAbove(requestBytes(facts, options({}), tokens + 1, BLOCK.gpu)!.bytes, room)
    }
  })
})
