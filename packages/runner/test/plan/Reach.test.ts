import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { AnyBackend, RunRecord } from "@rigbook/core"
import { backendError, BadModel, loadOf } from "@rigbook/core"
import { formatIssue } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import type { Reach } from "../../src/plan/Facts.ts"
import { valueOf } from "../../src/plan/Known.ts"
import { plan } from "../../src/plan/Plan.ts"
import { CONFIG, GIB, narrow, NOT_INSTALLED } from "./planned.ts"

interface Given {
  readonly text?: string
  readonly gpus?: ReadonlyArray<number>
  readonly reach?: Reach
  readonly records?: ReadonlyArray<RunRecord>
  readonly backend?: AnyBackend
}

const found = Effect.fnUntraced(function* (given: Given) {
  const { backend = narrow, gpus = [], reach = "here", records = [], text = CONFIG } = given
  const workspace = yield* fakeWorkspace({
    "models/m.gguf": "weights",
    "models/configs/one.yaml": text,
    "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hi"}\n',
    "half.jsonl": '{"text":"a"}\n{"text":"\\ud800"}\n',
    "trace.csv": "when,what\n1,2\n",
  })
  const backends = { ids: ["fake"], get: (id: string) => Effect.succeed(id === "fake" ? backend : undefined) }
  const paths = [join(workspace.configs, "one.yaml")]
  const { cells, issues, missing } = yield* plan(workspace, paths, backends, fakeHost(gpus), { reach, records })
  return { cells, said: issues.map(formatIssue), missing: missing.map(formatIssue) }
})

layer(NodeServices.layer)("plan without a run", (it) => {
  it.effect("refuses options that the model can't honour, at their place", () =>
    Effect.gen(function* () {
      const { cells, said } = yield* found({ text: CONFIG.replace("{}", "{ context: 5000 }") })
      assert.deepStrictEqual(cells, [])
      assert.match(said.join(), /:5:20: backends\.fake\.context: 1000 is the most/)
    }),
  )

  it.effect("needs no engine and no record, and says what is missing", () =>
    Effect.gen(function* () {
      const { cells, missing, said } = yield* found({ text: CONFIG.replace("{}", `{ probeFails: ${NOT_INSTALLED} }`) })
      assert.deepStrictEqual(said, [])
      assert.deepStrictEqual(missing, [
        "models/configs/one.yaml:5:3: backends.fake: fake: It is not there. Install it.",
      ])
      const [one] = cells
      assert.deepStrictEqual(one!.runtime, { absent: "It is not there. Install it." })
      assert.deepStrictEqual(valueOf(one!.placement)?.strategy, "cpu")
      const time = valueOf(one!.time)!
      assert.deepStrictEqual([time.basis, time.records], ["work", 0])
      assert.deepStrictEqual(one!.longestContext, { absent: "fake has no such option" })
    }),
  )

  it.effect("tells the placement chosen, others, and what each device would hold", () =>
    Effect.gen(function* () {
      const { cells } = yield* found({ gpus: [GIB, 2 * GIB], reach: "headers" })
      const [one] = cells
      assert.deepStrictEqual(valueOf(one!.placement)?.devices, [gpuId(1)])
      assert.deepStrictEqual(
        one!.others.map(({ devices }) => [...devices].map(String)),
        [[gpuId(0)], ["cpu"]],
      )
      assert.deepStrictEqual(
        one!.demand.map(({ device, parts }) => [device, parts.map(({ bytes }) => bytes)]),
        [[gpuId(1), [2 ** 20]]],
      )
      assert.include("absent" in one!.runtime ? one!.runtime.absent : "", "only described")
    }),
  )

  it.effect("keeps a cell that fits nowhere, with every refusal", () =>
    Effect.gen(function* () {
      const { cells } = yield* found({ text: CONFIG.replace("{}", `{ demandBytes: ${9 * GIB} }`), gpus: [GIB] })
      assert.include(
        "absent" in cells[0]!.placement ? cells[0]!.placement.absent : "",
        "no placement is possible: single",
      )
      assert.deepStrictEqual(
        cells[0]!.refused.map(({ reason, strategy }) => `${strategy}: ${reason}`),
        [
          "single: needs 9.00 GiB, Fake GPU 0 has 1.00 GiB free: 8.00 GiB too little",
          "cpu: needs 9.00 GiB, host memory has 8.00 GiB free: 1.00 GiB too little",
        ],
      )
    }),
  )

  it.effect("refuses a file that ends before its header says, as a run does", () =>
    Effect.gen(function* () {
      const cut = backendError("fake")(new BadModel({ detail: "It ends at byte 7.", fix: "Fetch it again." }))
      const backend: AnyBackend = {
        ...narrow,
        inspect: ({ headersOnly }) =>
          headersOnly === true ? Effect.succeed(fakeModel({ fileBytes: 8 })) : Effect.fail(cut),
      }
      for (const reach of ["here", "whole"] as const)
        assert.deepStrictEqual((yield* found({ backend, reach })).missing, [
          "models/configs/one.yaml:3:17: source.path: fake: It ends at byte 7. Fetch it again.",
        ])
      assert.deepStrictEqual((yield* found({ backend, reach: "headers" })).missing, [])
    }),
  )

  it.effect("takes files that were prepared before, and says where they are still to be prepared", () =>
    Effect.gen(function* () {
      const made = { path: "/cache/made" }
      const planned = Effect.fnUntraced(function* (before: boolean) {
        const backend: AnyBackend = {
          ...narrow,
          inspect: ({ path }) => Effect.succeed(fakeModel({ quantization: path === made.path ? "Q8_0" : "F32" })),
          files: {
            prepare: () => Effect.succeed(made),
            prepared: () => Effect.succeed(before ? made : undefined),
          },
          memory: { ask: () => Effect.succeed({ absent: "asked" }) },
        }
        const { cells } = yield* found({ backend })
        return [cells[0]!.model.quantization, cells[0]!.demandSource]
      })
      assert.deepStrictEqual(yield* planned(true), ["Q8_0", { absent: "asked" }])
      assert.deepStrictEqual(yield* planned(false), ["F32", { absent: "its files are not prepared yet" }])
    }),
  )

  it.effect("reads prompt sets and traces as a run does", () =>
    Effect.gen(function* () {
      const scenarios = (lines: string) => CONFIG.replace("  - { kind: latency, prompts: chat, requests: 1 }\n", lines)
      const { said } = yield* found({
        text: scenarios(`  - { kind: latency, prompts: nope, requests: 1 }
  - { kind: latency, prompts: { file: half.jsonl }, requests: 1 }
  - { kind: trace, file: trace.csv }
`),
      })
      assert.deepStrictEqual(
        said.map((line) => line.replace(/;.*\)/s, "")),
        [
          "models/configs/one.yaml:7:31: scenarios[0].prompts: this prompt set does not exist (benchmarks/configs/prompts/nope.jsonl)",
          "models/configs/one.yaml:8:39: scenarios[1].prompts.file: half of a surrogate pair, which is not a character (half.jsonl:2)",
          "models/configs/one.yaml:9:26: scenarios[2].file: not a known trace format",
        ],
      )
    }),
  )

  it.effect("tells how far a ramp may go", () =>
    Effect.gen(function* () {
      const ramp = "{ kind: concurrency, prompts: chat, streams: { from: 1, to: 6 } }"
      const { cells } = yield* found({
        text: CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", ramp),
      })
      assert.deepStrictEqual(
        cells.map(({ rung, scenario }) => [loadOf(scenario), rung?.place, rung?.of]),
        [
          [1, 1, 4],
          [2, 2, 4],
          [4, 3, 4],
          [6, 4, 4],
        ],
      )
    }),
  )

  it.effect("points at what is wrong with a config", () =>
    Effect.gen(function* () {
      const { said } = yield* found({ text: CONFIG.replace("fake: {}", "fakes: {}") })
      assert.deepStrictEqual(said, [
        'models/configs/one.yaml:5:3: backends.fakes: unknown backend; did you mean "fake"?',
      ])
    }),
  )
})
