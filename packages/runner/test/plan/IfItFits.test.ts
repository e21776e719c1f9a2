import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type AnyBackend, type Backends, Demand, type Host, scenarioName } from "@rigbook/core"
import { configsOfValue } from "@rigbook/records"
import { Effect } from "effect"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeModel, type FakeOptions } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { plan } from "../../src/plan/Plan.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"

const GIB = 2 ** 30

/** A model of a billion weights and 64K tokens, whose context takes a MiB a token; it has no file. */
const backend: AnyBackend = {
  ...fakeBackend(),
  inspect: () => Effect.succeed(fakeModel({ parameters: 1e9, contextLength: 65_536 })),
  memory: {
    demand: (_, { context = 0 }: FakeOptions) =>
      new Demand({ parts: [{ name: "all", bytes: context * 2 ** 20, basis: "exact", formula: "a MiB a token" }] }),
    withContext: (options: FakeOptions, context) => ({ ...options, context }),
  },
}
const backends: Backends = { ids: ["fake"], get: () => Effect.succeed(backend) }

const planned = Effect.fnUntraced(function* (scenarios: unknown, host: Host) {
  const workspace = yield* fakeWorkspace({
    "models/m.gguf": "weights",
    "benchmarks/configs/prompts/short-chat.jsonl": '{"id":"a","text":"hello"}\n',
  })
  const configs = configsOfValue("m", {
    name: "M",
    task: "generate",
    source: { path: "../m.gguf" },
    backends: { fake: {} },
    scenarios,
  })
  const { cells, issues } = yield* plan(workspace, configs, backends, host)
  const left = cells.flatMap(({ placement, scenario }) =>
    "absent" in placement ? [[scenarioName(scenario), placement.absent] as const] : [],
  )
  const runs = cellsToRun(cells).map(({ options, spec }) => [
    scenarioName(spec.scenario),
    (options as FakeOptions).context ?? "its own",
  ])
  return { left, runs, issues: issues.map(({ message }) => message) }
})

layer(NodeServices.layer)("the standard scenarios", (it) => {
  it.effect("open the engine with the context that each needs, and leave out what does not fit, with the reason", () =>
    Effect.gen(function* () {
      const { issues, left, runs } = yield* planned("standard", fakeHost([32 * GIB]))
      assert.deepStrictEqual(issues, [])
      assert.sameDeepMembers(runs, [
        ["latency-short-chat-1x32", "its own"],
        ["latency-short-chat-1x256", "its own"],
        ["context-2000-1x16", 3072],
        ["context-10000-1x16", 12_288],
      ])
      assert.deepStrictEqual(left, [["context-90000-1x16", "it takes 90016 tokens, the model was trained for 65536"]])
    }),
  )

  it.effect("leave out what the memory does not hold, and what the processor would compute for too long", () =>
    Effect.gen(function* () {
      const small = yield* planned("standard", fakeHost([4 * GIB], 1 * GIB))
      assert.deepStrictEqual(small.issues, [])
      assert.match(Object.fromEntries(small.left)["context-10000-1x16"]!, /needs 12\.00 GiB/)
      const scenarios = [{ kind: "context", depth: [100, 60_000], ifItFits: true }]
      const slow = yield* planned(scenarios, fakeHost([], 80 * GIB))
      assert.deepStrictEqual(slow.runs, [["context-100-1x32", 1024]])
      assert.deepStrictEqual(slow.left, [
        [
          "context-60000-1x32",
          "4 cores take about 6 min to read 60032 tokens, a request may take 5 min (protocol.requestTimeoutMs)",
        ],
      ])
    }),
  )

  it.effect("are not what other ladders do: a rung that does not fit is an error there", () =>
    Effect.gen(function* () {
      const { issues, left } = yield* planned([{ kind: "context", depth: 60_000 }], fakeHost([], 0))
      assert.isEmpty(left.filter(([, why]) => /trained for|cores take/.test(why)))
      assert.deepStrictEqual(
        issues,
        left.map(([, why]) => why),
      )
    }),
  )
})
