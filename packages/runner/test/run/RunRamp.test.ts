import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { scenarioName } from "@rigbook/core"
import { Effect, Semaphore } from "effect"
import { leapingClock } from "../../../core/test/fakes/leapingClock.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeLog, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Cell.ts"
import { ClientMonitor } from "../../src/run/ClientMonitor.ts"
import { run, type RunOptions } from "../../src/run/Run.ts"

const QUIET = { delayP99Ms: 0, delayMaxMs: 0, utilization: 0, cpuMs: 0 }

// Real files and processes: as long as a busy machine may take.
/** An engine of so many lanes, where a request takes 130 ms: more at once wait for one. */
const lanes = (places: number, streams: ReadonlyArray<number>, slo?: object): ReadonlyArray<Cell> => {
  const cells = streams.map((count) => {
    const shape = { kind: "concurrency", prompts: "fake-prompts", streams: count, requests: 2 * count, outputTokens: 4 }
    return fakeCell(
      {},
      {
        scenario: scenario(slo === undefined ? shape : { ...shape, slo }),
        protocol: protocol({ warmup: 1, trials: 2 }),
      },
    )
  })
  return cells.map((cell, at): Cell => ({
    ...cell,
    ramp: {
      gain: 0.2,
      good: 0.99,
      below: cells.slice(0, at).map(({ spec }) => spec.identity),
    },
    backend: {
      ...cell.backend,
      open: (input) =>
        Effect.map(Semaphore.make(places), (lane) => {
          const options = { ...input.config, firstMs: 100, tokenMs: 10 }
          const session = fakeSession(options, fakeLog(), input.placement.devices)
          return {
            ...session,
            send: (request, observer) =>
              Effect.suspend(() => {
                observer.sent()
                return lane.withPermit(session.send(request, { ...observer, sent: () => {} }))
              }),
          }
        }),
    },
  }))
}

const ramped = Effect.fnUntraced(function* (cells: ReadonlyArray<Cell>, options: RunOptions) {
  const reported: Array<string> = []
  const names = new Map(
    cells.map(({ spec }) => [spec.identity, scenarioName(spec.scenario).replace(/-fake.*/, "")] as const),
  )
  const records = yield* run(cells, {
    ...options,
    onLine: (line) =>
      Effect.sync(() => {
        const name = "cell" in line ? names.get(line.cell) : undefined
        if (line.kind === "skipped") reported.push(`${name}: ${line.reason}`)
        if (line.kind === "started" || line.kind === "reused") reported.push(`${name} ${line.kind}`)
      }),
  }).pipe(leapingClock().provide, Effect.provideService(ClientMonitor, Effect.succeed(Effect.succeed(QUIET))))
  return { records, reported }
})

layer(NodeServices.layer, { excludeTestServices: true })("run of a ramp", (it) => {
  it.effect("ends where more streams bring no more, and does so again from its records", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const cells = lanes(2, [1, 2, 4, 8, 16])
      const { records, reported } = yield* ramped(cells, { workspace })
      const end = "at 4, the throughput grew by less than 20 % from 2"
      assert.deepStrictEqual(reported, [
        "concurrency-1 started",
        "concurrency-2 started",
        "concurrency-4 started",
        `concurrency-8: ${end}`,
        `concurrency-16: ${end}`,
      ])
      assert.strictEqual(records.length, 3)
      const again = yield* ramped(cells, { workspace, rounds: 2 })
      assert.deepStrictEqual(
        again.reported,
        reported.map((line) => line.replace("started", "reused")),
      )
      assert.deepStrictEqual(again.records, records)
    }),
  )

  it.effect("ends where the objectives are missed", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { reported } = yield* ramped(lanes(4, [2, 4, 8, 16], { e2e: 200 }), { workspace })
      assert.deepStrictEqual(reported.slice(0, 3), [
        "concurrency-2 started",
        "concurrency-4 started",
        "concurrency-8 started",
      ])
      assert.match(reported[3]!, /^concurrency-16: at 8, /)
    }),
  )

  it.effect("measures its rungs whole, in however many rounds", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { records, reported } = yield* ramped(lanes(1, [1, 2, 4]), { workspace, rounds: 2 })
      assert.deepStrictEqual(
        records.map(({ samples }) => samples.measured),
        [2, 2],
      )
      assert.match(reported.at(-1)!, /^concurrency-4: at 2, /)
    }),
  )
})
