import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { AnyBackend, Backends } from "@rigbook/core"
import { Effect } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"

const WHY = { why: "The engine finds no such GPU.", fix: "Run `rigbook setup fake`." }

const configOf = (placement: string): string => `name: Model
task: generate
source: { path: ../m.gguf }
backends: { fake: {} }
placement: ${placement}
scenarios: [{ kind: latency, prompts: chat, requests: 1 }]
`

/** What plan and run make of a config whose engine can't use the GPUs of `barred`, on a host with two. */
const planned = Effect.fnUntraced(function* (placement: string, barred: ReadonlyArray<number>) {
  const workspace = yield* fakeWorkspace({
    "models/m.gguf": "weights",
    "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n',
    "models/configs/one.yaml": configOf(placement),
  })
  const received: Array<string> = []
  const backend: AnyBackend = {
    ...fakeBackend(),
    machine: {
      unusable: ({ host, restrict }) =>
        Effect.sync(() => {
          received.push(...host.devices.map(({ id }) => String(id)), ...Object.keys(restrict([])))
          return barred.map((index) => ({ device: gpuId(index), ...WHY }))
        }),
    },
  }
  const backends: Backends = { ids: ["fake"], get: () => Effect.succeed(backend) }
  const paths = [join(workspace.configs, "one.yaml")]
  const host = fakeHost([4 * 2 ** 30, 2 * 2 ** 30])
  const [here, whole] = yield* Effect.forEach(["here", "whole"] as const, (reach) =>
    plan(workspace, paths, backends, host, { reach }),
  )
  const said = ({ cells, issues, missing }: Plan) => ({
    issues: [...issues, ...missing].map(({ message, path }) => `${path}: ${message}`),
    on: cells.map(({ placement: on }) => ("value" in on ? on.value.devices.join() : "nowhere")),
    refused: cells.flatMap(({ refused }) => refused.map(({ reason, strategy }) => `${strategy}: ${reason}`)),
    unusable: cells.map(({ unusable }) => unusable.map(({ device }) => device)),
  })
  assert.deepStrictEqual(said(here!), said(whole!), "plan and run")
  return { ...said(here!), received }
})

layer(NodeServices.layer)("GPUs that an engine can't use", (it) => {
  it.effect("are not placed on by auto, which takes the next", () =>
    Effect.gen(function* () {
      const { received, issues, on, unusable } = yield* planned("auto", [0])
      assert.deepStrictEqual([issues, on, unusable], [[], [gpuId(1)], [[gpuId(0)]]])
      assert.includeMembers(received, [gpuId(0), gpuId(1), "CUDA_VISIBLE_DEVICES"])
      const none = yield* planned("auto", [0, 1])
      assert.deepStrictEqual([none.issues, none.on], [[], ["cpu"]])
      assert.deepStrictEqual(none.refused, ["single: fake can use no GPU of this host"])
    }),
  )

  it.effect("are refused where a config names them: why, and the command that helps", () =>
    Effect.gen(function* () {
      const sentence = `fake can't use cuda:1: ${WHY.why} ${WHY.fix}`
      const one = yield* planned(`[auto, "cuda:1", ${gpuId(1)}]`, [1])
      assert.deepStrictEqual(one.issues, [`placement[1]: ${sentence}`, `placement[2]: ${sentence}`])
      assert.deepStrictEqual(one.on, [gpuId(0), "nowhere", "nowhere"])
      const both = yield* planned(`{ strategy: single, devices: ["cuda:1"] }`, [1])
      assert.deepStrictEqual(both.issues, [`placement: ${sentence}`])
    }),
  )

  it.effect("are none where the engine says nothing", () =>
    Effect.gen(function* () {
      const { on, unusable } = yield* planned("auto", [])
      assert.deepStrictEqual([on, unusable], [[gpuId(0)], [[]]])
    }),
  )
})
