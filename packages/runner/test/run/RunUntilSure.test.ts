import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { DeviceId } from "@rigbook/core"
import type { RunRecord } from "@rigbook/core"
import { deriveRecord, RECORD_FILE } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { leapingClock } from "../../../core/test/fakes/leapingClock.ts"
import { JOURNAL_FILE } from "../../../records/src/journal/Journal.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Cell.ts"
import { run, type RunOptions } from "../../src/run/Run.ts"

// Real files: as long as a busy machine may take.
/** A cell whose trials take these times to the first token, by their names, such as `measured-3`; 100 ms else. */
const cellOf = (of: object, firsts: Readonly<Record<string, number>>): Cell => {
  const cell = fakeCell({}, { protocol: protocol(of) })
  const session = (firstMs: number, devices: ReadonlyArray<DeviceId> = []) =>
    fakeSession(fakeOptions({ firstMs, tokenMs: 10 }), fakeLog(), devices)
  return {
    ...cell,
    backend: {
      ...cell.backend,
      open: ({ placement }) =>
        Effect.succeed({
          ...session(100, placement.devices),
          send: (request, observer) => {
            const trial = (request.task === "generate" ? (request.id ?? "") : "").replace(/-\d+$/, "")
            return session(firsts[trial] ?? 100).send(request, observer)
          },
        }),
    },
  }
}

const runs = Effect.fnUntraced(function* (cell: Cell, options: RunOptions) {
  const reported: Array<string> = []
  const [record] = yield* run([cell], {
    ...options,
    onLine: (line) =>
      Effect.sync(() => {
        if (line.kind === "trial") reported.push(`${line.phase}-${line.trial} ${line.done}/${line.total}`)
      }),
  }).pipe(leapingClock().provide)
  return { record: record!, reported }
})
/** What the verdict says of the protocol; the machine that the test runs on may be busy. */
const unsure = ({ verdict }: RunRecord) =>
  verdict.reasons
    .filter(({ code }) => code === "wide-interval" || code === "not-warm")
    .map(({ code, detail }) => `${code}: ${detail}`)
const SURE = { warmup: { max: 6, within: 0.02 }, trials: { min: 6, max: 9, within: 0.02 } }

layer(NodeServices.layer, { excludeTestServices: true })("run until figures are sure", (it) => {
  it.effect("warms up until trials agree, and measures the least where they all do", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { record, reported } = yield* runs(cellOf(SURE, { "warmup-0": 300, "warmup-1": 120 }), { workspace })
      assert.deepInclude(record.samples, { warmup: 5, measured: 6 })
      assert.strictEqual(reported[0], "warmup-0 1/15")
      assert.strictEqual(reported.at(-1), "measured-5 11/15")
      assert.deepStrictEqual(unsure(record), [])
    }),
  )

  it.effect("continues where one stands out, and stops at the most with a word about it", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const once = yield* runs(cellOf(SURE, { "measured-2": 130, "measured-4": 110 }), { workspace })
      assert.strictEqual(once.record.samples.measured, 9, "the second lowest and second highest of nine")
      const odd = Object.fromEntries([0, 2, 4, 6, 8].map((trial) => [`measured-${trial}`, 105]))
      const never = yield* runs(cellOf(SURE, { ...odd, "warmup-5": 150 }), { workspace, fresh: true })
      assert.deepInclude(never.record.samples, { warmup: 3, measured: 9 })
      const [detail, ...rest] = unsure(never.record)
      assert.deepStrictEqual(rest, [])
      assert.match(detail!, /^wide-interval: after 9 trials, Time to first token is within 2\.4 %/)
    }),
  )

  it.effect("decides the same when it was cut", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      const cell = cellOf(SURE, { "measured-2": 130, "measured-4": 110 })
      const { record } = yield* runs(cell, { workspace })
      const folder = join(workspace.raw, record.id)
      const lines = (yield* fs.readFileString(join(folder, JOURNAL_FILE))).trimEnd().split("\n")
      const sample = (line: string) => line.startsWith('{"kind":"sample"') && line.includes('"phase":"measured"')
      for (const kept of [3, 6, 9]) {
        const last = lines.findIndex((_, at) => lines.slice(0, at + 1).filter(sample).length === kept)
        yield* fs.writeFileString(join(folder, JOURNAL_FILE), `${lines.slice(0, last + 1).join("\n")}\n`)
        yield* fs.remove(join(folder, RECORD_FILE))
        const again = yield* runs(cell, { workspace })
        assert.strictEqual(again.record.samples.measured, 9, `cut after ${kept}`)
        assert.strictEqual(again.reported.filter((line) => line.startsWith("measured")).length, 9 - kept)
        assert.deepStrictEqual((yield* deriveRecord(folder))!.verdict, again.record.verdict)
      }
    }),
  )

  it.effect("shares out the least between rounds, and goes on in the last", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { record, reported } = yield* runs(cellOf(SURE, {}), { workspace, rounds: 3 })
      assert.strictEqual(record.samples.measured, 6)
      assert.deepStrictEqual(
        reported.flatMap((line, at) =>
          line.startsWith("measured") && reported[at - 1]!.startsWith("warmup") ? [line.split(" ")[0]] : [],
        ),
        ["measured-0", "measured-2", "measured-4"],
      )
    }),
  )
})
