import { assert, it } from "@effect/vitest"
import { backendError, complete, type Demand, type OpenInput, Placement, CPU, Refused } from "@rigbook/core"
import { Effect } from "effect"
import {
  fakeBackend,
  fakeLog,
  fakeModel,
  fakeOptions,
  fakeRuntime,
  fakeSession,
} from "../../../testkit/src/FakeBackend.ts"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { fromFirstContract } from "../../src/plugin/FirstContract.ts"

const { config, description, id, inspect, open, probe, tasks } = fakeBackend()
const needed = { config, description, id, inspect, open, probe, tasks }

/** All that contract 1 had, flat. */
const members = {
  demand: () => ({ parts: [] }) as unknown as Demand,
  demandOf: () => [],
  askDemand: () => Effect.succeed({ absent: "no tool" }),
  withContext: (options: object) => options,
  strategies: [],
  devices: () => [],
  requested: () => ({ context: 7 }),
  layout: () => [],
  prepare: (files: object) => Effect.succeed(files),
  quantizes: true,
  check: () => Effect.succeed([{ path: ["a"], message: "no" }]),
  setup: Effect.succeed(fakeRuntime()),
}

it("a backend of contract 1 is read as one of today's, member by member", () => {
  const { askDemand, ...others } = members
  const whole = complete(fromFirstContract({ ...needed, ...members }))
  for (const [name, member] of Object.entries({ ...others, askDemand }))
    assert.strictEqual(whole[name as keyof typeof whole], member, name)
})

it("what it left out is filled in, and its own members stay for the suite that it came with", () => {
  const first = fromFirstContract({ ...needed, requested: members.requested })
  assert.deepStrictEqual(Object.keys(first), [...Object.keys(needed), "requested", "placement"])
  const whole = complete(first)
  assert.deepStrictEqual(whole.requested({}, new Placement({ strategy: "cpu", devices: [CPU] })), { context: 7 })
  const latency = scenario({ kind: "latency", prompts: "p", requests: 1, outputTokens: 4 })
  assert.strictEqual(whole.demand(fakeModel(), fakeOptions({}), latency).totalBytes, 4000)
})

it.effect("a request that failed in its sessions is one that failed, and an engine that ended has ended", () =>
  Effect.gen(function* () {
    const fail = backendError("first")
    const reason = new Refused({ detail: "Too much to do.", fix: "Ask later.", status: 429 })
    const session = fakeSession(fakeOptions({}), fakeLog())
    const sent = (error: ReturnType<typeof fail>) =>
      fromFirstContract({ ...needed, open: () => Effect.succeed({ ...session, send: () => Effect.fail(error) }) })
        .open({} as OpenInput<unknown>)
        .pipe(
          Effect.flatMap(({ send }) => send({ task: "embed", texts: [], batchSize: 1 }, { sent() {}, chunk() {} })),
          Effect.flip,
          Effect.scoped,
        )
    const failed = yield* sent(fail(reason, ["last words"], { kind: "refused", status: 429, retryAfterS: 2 }))
    assert.deepInclude(failed, { _tag: "RequestFailed", kind: "refused", status: 429, retryAfterS: 2, reason })
    assert.deepStrictEqual(failed.logTail, ["last words"])
    assert.strictEqual((yield* sent(fail(reason)))._tag, "BackendError")
  }),
)
