import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type Backends, type CellOrder, type LaunchUnit, nextAttempt, type RunLine } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"
import { leapingClock } from "../../../core/test/fakes/leapingClock.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { unitsOf } from "../../src/launch/UnitsOf.ts"
import { plan } from "../../src/plan/Plan.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"
import { run } from "../../src/run/Run.ts"
import { runUnit } from "../../src/run/RunUnit.ts"

const config = (name: string, scenarios: string): string => `name: ${name}
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  fake: { tokenMs: 7, context: 512 }
scenarios:
${scenarios}
protocol: { warmup: 1, trials: 4 }
`
const LATENCY = "  - { kind: latency, prompts: chat, requests: 2, outputTokens: 4 }"
const RAMP = "  - { kind: concurrency, prompts: chat, streams: { from: 1, to: 8 }, outputTokens: 4 }"
const FILES = {
  "models/m.gguf": "weights",
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n{"id":"b","text":"good morning"}\n',
  "models/configs/a.yaml": config("A", `${LATENCY}\n${RAMP}`),
  "models/configs/b.yaml": config("B", LATENCY),
}
const backends: Backends = { ids: ["fake"], get: () => Effect.succeed(fakeBackend()) }
const atLeaps = <A, E, R>(effect: Effect.Effect<A, E, R>) => effect.pipe(leapingClock().provide)

const setUp = Effect.gen(function* () {
  const [home, away] = yield* Effect.all([fakeWorkspace(FILES), fakeWorkspace(FILES)])
  const { cells } = yield* plan(
    home,
    [join(home.configs, "a.yaml"), join(home.configs, "b.yaml")],
    backends,
    fakeHost(),
  )
  const lines: Array<RunLine> = []
  const carryOut = (unit: LaunchUnit) =>
    atLeaps(
      runUnit(unit, {
        workspace: away,
        backends,
        host: fakeHost(),
        onLine: (line) => Effect.sync(() => void lines.push(line)),
      }),
    )
  return { home, away, cells: cellsToRun(cells), planned: cells, lines, carryOut }
})
const LATER = "2026-01-01T00:00:00Z"

layer(NodeServices.layer, { excludeTestServices: true })("units", (it) => {
  it.effect("keep a ramp together, and what is measured in turns", () =>
    Effect.gen(function* () {
      const { cells, planned } = yield* setUp
      const one = { startedAt: LATER, fresh: false, planned }
      const apart = unitsOf(cells, { ...one, rounds: 1 })
      assert.deepStrictEqual(
        apart.map((unit) => new Set(unit.cells.map(({ order }) => order.spec.config.id))),
        [new Set(["a"]), new Set(["b"])],
      )
      assert.strictEqual(apart[0]!.cells.filter(({ ramp }) => ramp !== undefined).length, 4)
      const [together, ...none] = unitsOf(cells, { ...one, rounds: 2 })
      assert.deepStrictEqual(none, [])
      assert.strictEqual(together!.cells.length, cells.length)
      const names = (startedAt: string) => unitsOf(cells, { ...one, rounds: 1, startedAt }).map(({ name }) => name)
      assert.deepStrictEqual(
        names(LATER),
        apart.map(({ name }) => name),
        "the same unit has the same name",
      )
      assert.notDeepEqual(names("2026-01-02T00:00:00Z"), names(LATER), "measured again it is another unit")
      assert.isTrue(apart.every(({ shape }) => shape.gpus === 0 && shape.seconds > 0))
      const limited = unitsOf(cells, { ...one, rounds: 1, longestSeconds: 7 })
      assert.deepStrictEqual(
        limited.map(({ shape }) => shape.seconds),
        [7, 7],
      )
    }),
  )

  it.effect("are carried out as their cells are run here, and a ramp ends where it does here", () =>
    Effect.gen(function* () {
      const { away, carryOut, cells, home, lines, planned } = yield* setUp
      const [unit] = unitsOf(cells, { startedAt: LATER, fresh: false, rounds: 1, planned })
      const here: Array<RunLine> = []
      yield* atLeaps(
        run(
          cells.filter(({ spec }) => spec.config.id === "a"),
          { workspace: home, onLine: (line) => Effect.sync(() => void here.push(line)) },
        ),
      )
      const records = yield* carryOut(unit!)
      const still = (all: ReadonlyArray<RunLine>) => all.map((line) => [line.kind, "cell" in line ? line.cell : ""])
      assert.deepStrictEqual(still(lines), still(here))
      assert.isAbove(records.length, 1)
      assert.deepStrictEqual(
        (yield* readRecords(away.raw)).records.map(({ cell }) => cell.identity),
        (yield* readRecords(home.raw)).records.map(({ cell }) => cell.identity),
      )
    }),
  )

  it.effect("measure their cells in turns, each in one record", () =>
    Effect.gen(function* () {
      const { carryOut, cells, lines, planned } = yield* setUp
      const plain = cells.filter(({ ramp }) => ramp === undefined)
      const [unit] = unitsOf(plain, { startedAt: LATER, fresh: true, rounds: 2, planned })
      const records = yield* carryOut(unit!)
      assert.deepStrictEqual(
        records.map(({ samples }) => samples.measured),
        [4, 4],
      )
      const started = lines.flatMap((line) => (line.kind === "started" ? [line.record] : []))
      assert.deepStrictEqual(started, [...started.slice(0, 2), ...started.slice(0, 2)])
    }),
  )

  it.effect("that are fresh and tried again, reuse what their first attempt measured and nothing older", () =>
    Effect.gen(function* () {
      const { carryOut, cells, lines, planned } = yield* setUp
      const plain = cells.filter(({ ramp }) => ramp === undefined)
      const [unit] = unitsOf(plain, { startedAt: LATER, fresh: true, rounds: 1, planned })
      const [first] = yield* carryOut(unit!)
      const kindsSince = (since: string) => {
        lines.length = 0
        const again = nextAttempt(unit!, since)
        return Effect.map(carryOut(again), () => new Set(lines.map(({ kind }) => kind)))
      }
      assert.deepStrictEqual(yield* kindsSince(first!.startedAt), new Set(["run", "reused"]))
      assert.isTrue((yield* kindsSince("2999-01-01T00:00:00Z")).has("started"))
      assert.strictEqual(nextAttempt(nextAttempt(unit!, LATER), "2999-01-01T00:00:00Z").since, LATER)
    }),
  )

  it.effect("leave out a cell that the machine can't run, say so, and measure the others", () =>
    Effect.gen(function* () {
      const { carryOut, cells, lines, planned } = yield* setUp
      const plain = cells.filter(({ ramp }) => ramp === undefined)
      const [unit] = unitsOf(plain, { startedAt: LATER, fresh: false, rounds: 2, planned })
      const wrong = (order: CellOrder): CellOrder => ({
        ...order,
        spec: { ...order.spec, prompts: { ...order.spec.prompts, sha256: "0".repeat(64) } },
      })
      const [first, second] = unit!.cells
      const records = yield* carryOut({ ...unit!, cells: [{ order: wrong(first.order) }, second!] })
      assert.deepStrictEqual(
        records.map(({ cell }) => cell.config.id),
        ["b"],
      )
      assert.isTrue(lines.some((line) => line.kind === "error" && line.message.includes("prompts: ordered chat")))
      const none = yield* Effect.flip(carryOut({ ...unit!, cells: [{ order: wrong(first.order) }] }))
      assert.strictEqual(none._tag, "OrderMismatch")
    }),
  )
})
