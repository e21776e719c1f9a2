import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Progress, type ProgressEvent, type RunLine } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import type { ExpectedTime } from "@rigbook/runner"
import { Effect } from "effect"
import { stripVTControlCharacters } from "node:util"
import { fakeWorkspace } from "../../records/test/fakes/workspace.ts"
import { fakeSpec, protocol } from "../../testkit/src/FakeCell.ts"
import { runProgress } from "../src/output/RunProgress.ts"

const spec = fakeSpec({ protocol: protocol({ warmup: 1, trials: { min: 6, max: 9, within: 0.1 } }) })
const step = "fake-model · fake · cpu · latency-fake-prompts-2x4"
const about = { at: "2026-01-02T03:04:05.678Z", cell: spec.identity } as const
const outcome = { record: "r", startedAt: "2026-01-02T03:04:05.678Z", status: "suspect", reasons: ["noisy"] } as const

/** Lines, and what people are shown of each. */
const SHOWN: ReadonlyArray<readonly [RunLine, Partial<ProgressEvent>]> = [
  [
    { kind: "reused", ...about, ...outcome },
    { detail: "reused: its record of 2026-01-02 is suspect (--fresh measures again)", finished: true },
  ],
  [
    { kind: "skipped", ...about, reason: "at 4, it ended" },
    { detail: "skipped: at 4, it ended", finished: true },
  ],
  [
    { kind: "started", ...about, record: "r", kept: 0 },
    { detail: "loading the model", done: 0, total: 10 },
  ],
  [
    { kind: "started", ...about, record: "r", kept: 2 },
    { detail: "resuming after 2 trials", done: 2, total: 10 },
  ],
  [
    { kind: "cooling", ...about, device: spec.placement.devices[0], temperatureC: 71, untilC: 52 },
    { detail: "waiting until cpu cools from 71 to 52 °C", done: 0, total: 10 },
  ],
  [
    { kind: "opened", ...about, loadMs: 1234 },
    { detail: "loaded in 1.2 s", done: 0, total: 10 },
  ],
  [
    { kind: "asking", ...about, requests: 6 },
    { detail: "sending 6 requests whose answers are stored", done: 0, total: 10 },
  ],
  [
    { kind: "trial", ...about, phase: "warmup", trial: 0, done: 1, total: 10 },
    { detail: "warm-up 1 of 1", done: 1, total: 10 },
  ],
  [
    { kind: "trial", ...about, phase: "measured", trial: 2, done: 4, total: 10 },
    { detail: "trial 3 of at most 9", done: 4, total: 10 },
  ],
  [
    { kind: "finished", ...about, ...outcome, failure: "The engine ended." },
    { detail: "suspect (noisy): The engine ended.", finished: true, failed: true },
  ],
]

layer(NodeServices.layer)("progress of a run", (it) => {
  it.effect("has one step a cell, with a sentence for each line", () =>
    Effect.gen(function* () {
      const events: Array<ProgressEvent> = []
      const show = runProgress(new Map([[spec.identity, spec]]), yield* fakeWorkspace(), METRICS)
      const tell = (event: ProgressEvent) => Effect.sync(() => void events.push(event))
      yield* Effect.forEach(SHOWN, ([line]) => show(line)).pipe(Effect.provideService(Progress, tell))
      assert.deepStrictEqual(
        events.map(({ detail = "", ...event }) => ({ ...event, detail: stripVTControlCharacters(detail) })),
        SHOWN.map(([, event]) => ({ step, detail: "", ...event })),
      )
    }),
  )

  it.effect("announces how long a cell takes before it starts, and whether earlier runs tell that", () =>
    Effect.gen(function* () {
      const details: Array<string | undefined> = []
      const tell = (event: ProgressEvent) => Effect.sync(() => void details.push(event.detail))
      const workspace = yield* fakeWorkspace()
      const bases = [
        [65.4, "this cell"],
        [300, "other models"],
        [9000, "work"],
      ] as const
      for (const [value, basis] of bases) {
        const time: ExpectedTime = { value, low: value / 2, high: value * 2, basis, records: 1, formula: "given" }
        const show = runProgress(
          new Map([[spec.identity, spec]]),
          workspace,
          METRICS,
          new Map([[spec.identity, { value: time }]]),
        )
        const started = show({ kind: "started", ...about, record: "r", kept: 0 })
        yield* Effect.provideService(started, Progress, tell)
      }
      assert.deepStrictEqual(details, [
        "loading the model; about 65 s by earlier runs",
        "loading the model; about 5 min, an estimate",
        "loading the model; about 3 h, a guess",
      ])
    }),
  )
})
