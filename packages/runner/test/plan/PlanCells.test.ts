import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { CPU, loadOf, scenarioName } from "@rigbook/core"
import { Effect } from "effect"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { CONFIG, EMBED, GIB, planned } from "./planned.ts"

layer(NodeServices.layer)("the cells of a plan", (it) => {
  it.effect("makes a cell of each backend, scenario and placement, each with an identity of its own", () =>
    Effect.gen(function* () {
      const text = `${EMBED.replace("  fake: {}", "  fake: { tokenMs: 3 }\n  deaf:")}placement: [auto, cpu, "cuda:0"]\n`
      const { cells, said, specs } = yield* planned({ "one.yaml": text }, fakeHost([4 * GIB, 8 * GIB]))
      assert.deepStrictEqual(said, [])
      const documents = (index: number) =>
        specs[index]!.scenario.kind === "batch" ? specs[index]!.scenario.documents : 0
      const devices: ReadonlyArray<string> = [gpuId(1), CPU, gpuId(0)]
      assert.deepStrictEqual(
        specs.map(({ backend, placement }, index) => [backend, documents(index), placement.devices.join()]),
        [1, 64].flatMap((count) => ["fake", "deaf"].flatMap((id) => devices.map((on) => [id, count, on]))),
      )
      assert.strictEqual(new Set(specs.map(({ identity }) => identity)).size, 12)
      assert.deepInclude(specs[0]!.options, { tokenMs: 3, firstMs: 1 })
      assert.deepInclude(cells[0]!.options, { tokenMs: 3, firstMs: 1 })
      assert.deepStrictEqual(specs[0]!.config, { id: "one", name: "Model", path: "models/configs/one.yaml" })
      assert.deepInclude(specs[0]!.prompts, { name: "chat", count: 1, license: "not stated" })
    }),
  )

  it.effect("makes a cell of each rung of a ladder, and needs no file for prompts that are made up", () =>
    Effect.gen(function* () {
      const ladders = [
        "{ kind: concurrency, prompts: chat, streams: [1, 4] }",
        "{ kind: open-loop, prompts: { tokens: 64 }, rate: [0.5, 2] }",
        "{ kind: context, depth: [512, 1024] }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", ladders.join("\n  - "))
      const { said, specs } = yield* planned({ "one.yaml": text })
      assert.deepStrictEqual(said, [])
      assert.deepStrictEqual(
        specs.map(({ prompts, scenario }) => `${scenarioName(scenario)} of ${prompts.name}`),
        [
          "concurrency-1-chat-4x128 of chat",
          "concurrency-4-chat-16x128 of chat",
          "open-loop-poisson-0.5-64-tokens-100x128 of synthetic-1",
          "open-loop-poisson-2-64-tokens-100x128 of synthetic-1",
          "context-512-1x32 of synthetic-1",
          "context-1024-1x32 of synthetic-1",
        ],
      )
      assert.strictEqual(new Set(specs.map(({ identity }) => identity)).size, 6)
    }),
  )

  it.effect("makes a cell of each rung of a ramp, which know the rungs below", () =>
    Effect.gen(function* () {
      const ladders = [
        "{ kind: concurrency, prompts: chat, streams: 2 }",
        "{ kind: concurrency, prompts: chat, streams: { from: 1, to: 8, gain: 0.1 } }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", ladders.join("\n  - "))
      const { cells, said } = yield* planned({ "one.yaml": text })
      assert.deepStrictEqual(said, [])
      const loads = cells.map(({ spec }) => loadOf(spec.scenario))
      assert.deepStrictEqual(loads, [2, 1, 4, 8], "2 streams were requested already, and are one cell")
      const below = (at: number) =>
        cells[at]!.ramp?.below.map((identity) => loads[cells.findIndex(({ spec }) => spec.identity === identity)])
      assert.deepStrictEqual([below(0), below(1), below(2), below(3)], [undefined, [], [1, 2], [1, 2, 4]])
      assert.deepInclude(cells[3]!.ramp, { gain: 0.1, good: 0.99 })
    }),
  )

  it.effect("makes a cell of quality against a reference, which the processor holds beside the model", () =>
    Effect.gen(function* () {
      const text = (backend: string, path: string, more = "") =>
        CONFIG.replace("fake: {}", `${backend}: {}`).replace(
          "{ kind: latency, prompts: chat, requests: 1 }",
          `{ kind: quality, measure: kld, prompts: chat, context: 64, reference: { path: ${path}${more} } }`,
        )
      const { cells, said } = yield* planned({ "one.yaml": text("diverging", "../m.gguf") })
      assert.deepStrictEqual(said, [])
      const cell = cells[0]!
      assert.deepInclude(cell.reference, { context: 64, model: fakeModel() })
      assert.strictEqual(cell.spec.reference?.sha256, fakeModel().sha256)
      assert.deepInclude(cell.spec.protocol, { warmup: 0, trials: 1 })
      const bytes = cell.demand.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.name === "weights of the reference" ? [part.bytes] : [])),
      )
      assert.deepStrictEqual(bytes, [fakeModel().weightBytes])
      const unable = yield* planned({ "one.yaml": text("fake", "../m.gguf") })
      assert.match(unable.said[0]!, /scenarios\[0\]\.reference: fake can't compare a model with a reference/)
      const gone = yield* planned({ "one.yaml": text("diverging", "../gone.gguf") })
      assert.match(gone.missing[0]!, /scenarios\[0\]\.reference: no model file .*gone\.gguf/)
      const other = yield* planned({ "one.yaml": text("diverging", "../m.gguf", `, sha256: ${"e".repeat(64)}`) })
      assert.match(other.said[0]!, /scenarios\[0\]\.reference\.sha256: the reference's file has SHA-256/)
    }),
  )

  it.effect("makes a cell of quality of a dataset, with two trials whatever the protocol says", () =>
    Effect.gen(function* () {
      const requested = (scenarios: string) =>
        CONFIG.replace("task: generate", "task: embed").replace(
          "{ kind: latency, prompts: chat, requests: 1 }",
          scenarios,
        )
      const own = "{ kind: quality, measure: retrieval, dataset: { file: own.jsonl } }"
      const files = {
        "../../own.jsonl":
          '{"license":"MIT","language":"es"}\n{"query":"a","document":"b"}\n{"query":"c","document":"d"}\n',
        "../../benchmarks/configs/datasets/pairs.jsonl": '{"sentence1":"a","sentence2":"b","score":1}\n',
      }
      const { said, specs } = yield* planned({ "one.yaml": requested(own), ...files }, undefined, ["one.yaml"])
      assert.deepStrictEqual(said, [])
      const spec = specs[0]!
      assert.strictEqual(scenarioName(spec.scenario), "quality-retrieval-own")
      assert.deepInclude(spec.prompts, {
        name: "own.jsonl",
        file: "own.jsonl",
        count: 2,
        license: "MIT",
        language: "es",
      })
      assert.deepInclude(spec.protocol, { warmup: 0, trials: 2 })
      const wrong = [
        "{ kind: quality, measure: sts, dataset: nope }",
        "{ kind: quality, measure: sts, dataset: pairs }",
        "{ kind: quality, measure: sts, dataset: { file: own.jsonl } }",
      ].join("\n  - ")
      const { said: found } = yield* planned({ "one.yaml": requested(wrong), ...files }, undefined, ["one.yaml"])
      assert.match(
        found[0]!,
        /scenarios\[0\]\.dataset: this dataset does not exist \(benchmarks\/configs\/datasets\/nope/,
      )
      assert.match(found[1]!, /scenarios\[1\]\.dataset: all pairs have one and the same score/)
      assert.match(found[2]!, /scenarios\[2\]\.dataset\.file: not a line of this dataset: .*\(own\.jsonl:2\)$/)
    }),
  )

  it.effect("takes prompts and traces from files of the workspace", () =>
    Effect.gen(function* () {
      const scenarios = [
        "{ kind: latency, prompts: { file: mine/asked.jsonl } }",
        "{ kind: trace, file: mine/trace.csv }",
        "{ kind: trace, file: mine/trace.csv, longest: 10 }",
        "{ kind: trace, file: mine/asked.jsonl }",
        "{ kind: latency, prompts: { file: mine/none.jsonl } }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", scenarios.join("\n  - "))
      const files = {
        "../../mine/asked.jsonl": '{"prompt":"hello"}\n{"prompt":"you"}\n',
        "../../mine/trace.csv": "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n",
      }
      const { said, specs } = yield* planned({ "one.yaml": text, ...files }, undefined, ["one.yaml"])
      assert.deepStrictEqual(
        specs.map(({ prompts: { count, file, name } }) => [name, file, count]),
        [
          ["mine/asked.jsonl", "mine/asked.jsonl", 2],
          ["mine/trace.csv", "mine/trace.csv", 1],
        ],
      )
      const at = "models/configs/one.yaml"
      assert.deepStrictEqual(
        said.map((line) => line.replace(/(format): .*\(/, "$1 (")),
        [
          `${at}:9:51: scenarios[2].longest: no request of mine/trace.csv has 10 tokens or less`,
          `${at}:10:26: scenarios[3].file: not a line in Mooncake's format (mine/asked.jsonl:1)`,
          `${at}:11:39: scenarios[4].prompts.file: this file does not exist (mine/none.jsonl)`,
        ],
      )
    }),
  )

  it.effect("makes one cell of two words for one placement", () =>
    Effect.gen(function* () {
      const { specs } = yield* planned({ "one.yaml": `${CONFIG}placement: [auto, cpu]\n` })
      assert.deepStrictEqual(
        specs.map(({ placement }) => placement.devices.join()),
        ["cpu"],
      )
    }),
  )

  it.effect("gives the same cells for the same configs", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* planned({ "one.yaml": CONFIG }), yield* planned({ "one.yaml": CONFIG })]
      assert.deepStrictEqual(first.specs, second.specs)
    }),
  )
})
