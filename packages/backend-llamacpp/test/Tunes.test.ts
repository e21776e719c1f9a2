import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Options } from "../src/Options.ts"
import { tunes } from "../src/Tunes.ts"
import { hostWith } from "./hosts.ts"
import { smollm2 } from "./smollm2.ts"

const decode = Schema.decodeUnknownSync(Options)
const named = (options: object, streams = 1, task: "generate" | "embed" = "generate") =>
  Object.fromEntries(
    tunes({ config: decode(options), model: smollm2, host: hostWith([]), task, streams }).map(
      ({ lossy, option, values }) => [option, { lossy, values }],
    ),
  )

describe("what can be tuned of llama-server", () => {
  it("has fewer threads, each number once, and forward passes that the context holds", () => {
    const { threads, ubatch } = named({ threads: 16, context: 512 })
    assert.deepStrictEqual(threads, { lossy: false, values: [12, 8, 4] })
    assert.deepStrictEqual(ubatch!.values, [128, 256])
    assert.deepStrictEqual(named({ threads: 2 })["threads"]!.values, [1])
    assert.notProperty(named({ threads: 1 }), "threads")
  })

  it("says that the type of the cache alone changes answers", () => {
    const all = named({ threads: 4 }, 3)
    assert.deepStrictEqual(
      Object.keys(all).filter((option) => all[option]!.lossy),
      ["kvCache"],
    )
    assert.deepStrictEqual(all["parallel"]!.values, [2, 3])
    assert.notProperty(named({ threads: 4 }), "parallel")
    assert.notProperty(named({ threads: 4 }, 1, "embed"), "ubatch")
  })

  it("names options that its schema knows, with values that it takes", () => {
    for (const [option, { values }] of Object.entries(named({ threads: 4 }, 8)))
      for (const value of values) assert.strictEqual(decode({ [option]: value })[option as keyof Options], value)
  })
})
