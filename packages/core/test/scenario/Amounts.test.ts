import { assert, describe, it } from "@effect/vitest"
import { issuesOf, CONFIG } from "../../../records/test/workspace/issuesOf.ts"
import { ModelConfig } from "../../src/scenario/ModelConfig.ts"

const SCENARIO = "{ kind: latency, prompts: short-chat }"
const said = (text: string) => issuesOf(text, ModelConfig)
const scenario = (text: string) => said(CONFIG.replace(SCENARIO, text))
const list = (item: unknown, times = 257) => `[${Array.from({ length: times }, () => item).join(", ")}]`

describe("numbers of a config", () => {
  for (const [key, most, with_] of [
    ["requests", 1_000_000, (n: number) => `{ kind: latency, prompts: p, requests: ${n} }`],
    ["outputTokens", 2 ** 24, (n: number) => `{ kind: latency, prompts: p, outputTokens: ${n} }`],
    ["depth", 2 ** 24, (n: number) => `{ kind: context, depth: ${n} }`],
    ["streams", 1_000_000, (n: number) => `{ kind: soak, prompts: p, outputTokens: 8, seconds: 1, streams: ${n} }`],
    ["documents", 1_000_000, (n: number) => `{ kind: batch, prompts: p, batchSize: 1, documents: ${n} }`],
  ] as const)
    it(`have an upper limit: ${key}`, () => {
      assert.deepStrictEqual(scenario(with_(most)), [])
      for (const more of [most + 1, 10 ** 9, Number.MAX_SAFE_INTEGER])
        assert.match(
          scenario(with_(more)).join("\n"),
          new RegExp(`\\.${key}: expected a value less than or equal to ${most}`),
        )
    })

  it("have one in the protocol", () => {
    for (const key of ["trials", "warmup"])
      assert.match(said(`${CONFIG}protocol: { ${key}: 1000001 }\n`)[0]!, /less than or equal to 1000000/)
  })

  it("have one of how many there are", () => {
    const most = /expected a value with a length of at most 256/
    assert.match(scenario(`{ kind: context, depth: ${list(512)} }`)[0]!, most)
    assert.match(scenario(`{ kind: batch, prompts: p, documents: 8, batchSize: ${list(1)} }`)[0]!, most)
    assert.match(said(`${CONFIG}placement: ${list("cpu")}\n`)[0]!, most)
    assert.match(said(CONFIG.replace(/scenarios:[^]*/, `scenarios: ${list(SCENARIO)}\n`))[0]!, most)
    assert.deepStrictEqual(scenario(`{ kind: context, depth: ${list(512, 256)} }`), [])
  })
})
