import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { syntheticSet } from "../../../records/src/workspace/PromptSet.ts"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { parseTrace } from "../../src/scenario/Trace.ts"
import { trialWork } from "../../src/scenario/Scenario.ts"

// Lines of our own, in the forms that the published files have.
const MOONCAKE = `{"timestamp": 27482, "input_length": 1000, "output_length": 52, "hash_ids": [46, 47]}
{"timestamp": 30535, "input_length": 700, "output_length": 26, "hash_ids": [46, 99]}
{"timestamp": 30535, "input_length": 1300, "output_length": 8, "hash_ids": [46, 47]}
`
const AZURE_2023 = `TIMESTAMP,ContextTokens,GeneratedTokens\r
2023-11-16 18:15:46.6805900,374,44\r
2023-11-16 18:15:50.9951690,396,109\r
`
const AZURE_2024 = `TIMESTAMP,ContextTokens,GeneratedTokens
2024-05-10 00:00:00.009930+00:00,2162,5
2024-05-10 00:00:00.017335+00:00,2399,6
`
const BURST_GPT = `Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type
5,,2.5,ChatGPT,472,18,490,Conversation log
45.5,,1,ChatGPT,1087,0,1087,Conversation log
118,,9,GPT-4,417,276,693,API log
`
const times = (text: string) =>
  Result.getOrThrow(parseTrace(text)).map(({ atMs, inputTokens, outputTokens }) => [atMs, inputTokens, outputTokens])

describe("parseTrace", () => {
  it("reads each format as what arrived when, and how long", () => {
    assert.deepStrictEqual(times(MOONCAKE), [
      [0, 1000, 52],
      [3053, 700, 26],
      [3053, 1300, 8],
    ])
    assert.deepStrictEqual(Result.getOrThrow(parseTrace(MOONCAKE))[1]!.blocks, [46, 99])
    const [first, second] = times(AZURE_2023)
    assert.deepStrictEqual(first, [0, 374, 44])
    assert.approximately(second![0]!, 4314.579, 0.001)
    assert.approximately(times(AZURE_2024)[1]![0]!, 7.405, 0.001)
    assert.deepStrictEqual(
      times(BURST_GPT),
      [
        [0, 472, 18],
        [113_000, 417, 276],
      ],
      "one that was answered with nothing is left out",
    )
  })

  it("puts requests in order, and takes a byte order mark and blank lines", () => {
    const [header, ...rows] = AZURE_2023.split("\r\n")
    const mixed = `\uFEFF${[header, "", ...rows.toReversed()].join("\n")}`
    assert.deepStrictEqual(times(mixed), times(AZURE_2023))
  })

  it("reports the line that it can't read", () => {
    const reported = (text: string) => {
      const { detail, line } = Result.getOrThrow(Result.flip(parseTrace(text)))
      return `${line}: ${detail}`
    }
    assert.match(reported("a,b,c\n1,2,3\n"), /^1: not a known trace format; supported are Mooncake's/)
    assert.match(reported(`${MOONCAKE}{"timestamp": 1}\n`), /^4: not a line in Mooncake's format: /)
    assert.match(reported(`${MOONCAKE}{"timestamp": 1, "input_length": -3, "output_length": 1}`), /^4: not a line in/)
    assert.strictEqual(reported(AZURE_2023.replace("374", "3e2")), '2: ContextTokens is not a number of tokens: "3e2"')
    assert.strictEqual(reported(AZURE_2023.replace(",109", "")), '3: GeneratedTokens is not a number of tokens: ""')
    assert.strictEqual(
      reported(AZURE_2023.replace("2023-11-16 18:15:50", "noon")),
      '3: TIMESTAMP is not a time: "noon.9951690"',
    )
    assert.strictEqual(reported(BURST_GPT.replace("118,", ",")), '4: Timestamp is not a time: ""')
    assert.strictEqual(reported("\n\n"), "1: the trace is empty")
    assert.strictEqual(reported(AZURE_2023.split("\n")[0]!), "1: the trace has no request")
  })
})

describe("trialWork of a trace", () => {
  const trace = Result.getOrThrow(parseTrace(MOONCAKE))
  const work = (of: object, round = "measured-0") =>
    trialWork(scenario({ kind: "trace", file: "t.jsonl", ...of }), { ...syntheticSet, trace }, round)
  const words = (of: object, round?: string) =>
    work(of, round).requests.map(({ request }) =>
      request.task === "generate" && "text" in request.prompt ? request.prompt.text.split(" ") : [],
    )

  it("lets requests arrive as they did, or faster, as long as they were", () => {
    const { load, requests } = work({})
    assert.deepStrictEqual(load, { kind: "arrivals" })
    assert.deepStrictEqual(
      requests.map(({ atMs, request }) => [atMs, request.task === "generate" ? request.outputTokens : 0]),
      [
        [0, 52],
        [3053, 26],
        [3053, 8],
      ],
    )
    assert.deepStrictEqual(
      words({}).map(({ length }) => length),
      [1000, 700, 1300],
    )
    assert.deepStrictEqual(
      work({ speed: 10, requests: 2 }).requests.map(({ atMs }) => atMs),
      [0, 305],
    )
    const short = work({ longest: 1100 }).requests
    assert.strictEqual(short.length, 2)
    const later = work({ longest: 800 }).requests
    assert.deepStrictEqual([later.length, later[0]!.atMs], [1, 0], "the first that is left is sent at once")
  })

  it("repeats the beginnings that the trace repeats only where it is asked to", () => {
    const [first, second, third] = words({ cache: "repeated" })
    assert.deepStrictEqual(second!.slice(0, 512), first!.slice(0, 512))
    assert.notDeepEqual(second!.slice(512), first!.slice(512, 700))
    assert.deepStrictEqual(third!.slice(0, 1000), first!)
    assert.strictEqual(third!.length, 1300)
    assert.deepStrictEqual(words({ cache: "repeated" }, "measured-1"), words({ cache: "repeated" }))
    const fresh = words({})
    assert.notDeepEqual(fresh[1]!.slice(0, 8), fresh[0]!.slice(0, 8))
    assert.notDeepEqual(words({}, "measured-1")[0], fresh[0])
  })
})
