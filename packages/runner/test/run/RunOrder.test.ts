import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type Backends, CellOrder, type Host, type Launcher, type RunLine } from "@rigbook/core"
import { readRecords, unfinishedFolders, type Workspace } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { leapingClock } from "../../../core/test/fakes/leapingClock.ts"
import { JOURNAL_FILE } from "../../../records/src/journal/Journal.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { plan } from "../../src/plan/Plan.ts"
import { readOrder } from "../../src/plan/ReadOrder.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"
import { run, type RunOptions } from "../../src/run/Run.ts"
import { runOrder } from "../../src/run/RunOrder.ts"

const TRIALS = 4
const FILES = {
  "models/m.gguf": "weights",
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n{"id":"b","text":"good morning"}\n',
  "models/configs/m.yaml": `name: Model
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  fake: { tokenMs: 7, context: 512 }
scenarios:
  - { kind: latency, prompts: chat, requests: 2, outputTokens: 4 }
protocol: { warmup: 1, trials: ${TRIALS} }
`,
}

const backends: Backends = { ids: ["fake"], get: () => Effect.succeed(fakeBackend()) }
const atLeaps = <A, E, R>(effect: Effect.Effect<A, E, R>) => effect.pipe(leapingClock().provide)

const plannedCells = Effect.fnUntraced(function* (workspace: Workspace, host: Host = fakeHost()) {
  const { cells } = yield* plan(workspace, [join(workspace.configs, "m.yaml")], backends, host)
  return cellsToRun(cells)
})

/** The order of the workspace's one cell, with `change` put over it. */
const orderOf = Effect.fnUntraced(function* (workspace: Workspace, change: Partial<CellOrder> = {}) {
  const { requested, spec } = (yield* plannedCells(workspace))[0]!
  return { schema: 1, spec, requested, identity: "same", until: TRIALS, fresh: false, ...change } satisfies CellOrder
})

const asText = Schema.fromJsonString(CellOrder)

/** Has orders carried out in another workspace, as another machine would, and brings the cells' folders home. */
const elsewhere = (
  home: Workspace,
  away: Workspace,
  orders: Array<CellOrder> = [],
): Launcher<FileSystem.FileSystem> => ({
  id: "elsewhere",
  run: Effect.fnUntraced(function* (sent, tell) {
    const fs = yield* FileSystem.FileSystem
    const order = yield* Effect.fromResult(readOrder(Schema.encodeSync(asText)(sent)))
    orders.push(order)
    let id = ""
    const onLine = (line: RunLine) => {
      if ("record" in line) id = line.record
      return line.kind === "run" ? Effect.void : tell(line)
    }
    yield* runOrder(order, { workspace: away, backends, host: fakeHost(), onLine })
    yield* fs.makeDirectory(home.raw, { recursive: true })
    yield* fs.copy(join(away.raw, id), join(home.raw, id), { overwrite: true })
    return id
  }, Effect.orDie),
})

/** What journals differ in: times, the id, and how busy the machine was. */
const MOVING = new Set("at startedAt environment memory sentMs endMs chunkMs loadMs".split(" "))
const still = (key: string, value: unknown): unknown =>
  MOVING.has(key) || (key === "id" && /^\d{8}T/.test(String(value))) ? undefined : value

const journalIn = Effect.fnUntraced(function* ({ raw }: Workspace, id: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(join(raw, id, JOURNAL_FILE))
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.stringify(JSON.parse(line), still))
})

const runsIn = Effect.fnUntraced(function* (
  workspace: Workspace,
  options: Partial<RunOptions<FileSystem.FileSystem>> = {},
) {
  const kinds: Array<string> = []
  const records = yield* atLeaps(
    run(yield* plannedCells(workspace), {
      workspace,
      ...options,
      onLine: (line) => Effect.sync(() => void kinds.push(line.kind)),
    }),
  )
  return { record: records[0], kinds }
})

layer(NodeServices.layer, { excludeTestServices: true })("an order", (it) => {
  it.effect("is carried out as its cell is run here: the same lines, journal and identity", () =>
    Effect.gen(function* () {
      const [here, home, away] = yield* Effect.all([fakeWorkspace(FILES), fakeWorkspace(FILES), fakeWorkspace(FILES)])
      const local = yield* runsIn(here)
      const other = yield* runsIn(home, { launcher: elsewhere(home, away) })
      assert.deepStrictEqual(other.kinds, local.kinds)
      assert.strictEqual(other.record!.cell.identity, local.record!.cell.identity)
      const [one, two] = [yield* journalIn(here, local.record!.id), yield* journalIn(home, other.record!.id)]
      assert.deepStrictEqual(two, one)
      assert.include(one.join(), '"outputTokens":4', "what is compared is there")
      assert.deepStrictEqual(other.record!.verdict.status, local.record!.verdict.status)
    }),
  )

  it.effect("ends where it says, and is resumed: rounds of a fresh run stay in one record", () =>
    Effect.gen(function* () {
      const [home, away] = yield* Effect.all([fakeWorkspace(FILES), fakeWorkspace(FILES)])
      yield* runsIn(home, { launcher: elsewhere(home, away) })
      const orders: Array<CellOrder> = []
      const { record } = yield* runsIn(home, { launcher: elsewhere(home, away, orders), fresh: true, rounds: 2 })
      assert.deepStrictEqual(
        orders.map(({ fresh, resume, until }) => [fresh, resume, until]),
        [
          [true, undefined, TRIALS / 2],
          [false, record!.id, TRIALS],
        ],
      )
      assert.strictEqual(record!.samples.measured, TRIALS)
      assert.strictEqual((yield* readRecords(away.raw)).records.length, 2)
    }),
  )

  it.effect("keeps a record that holds and resumes an interrupted run, unless it is to be fresh", () =>
    Effect.gen(function* () {
      const away = yield* fakeWorkspace(FILES)
      const kinds: Array<string> = []
      const onLine = (line: RunLine) => Effect.sync(() => void kinds.push(line.kind))
      const ordered = (order: CellOrder) =>
        atLeaps(runOrder(order, { workspace: away, backends, host: fakeHost(), onLine }))
      assert.isUndefined(yield* ordered(yield* orderOf(away, { until: 1 })))
      const [folder] = yield* unfinishedFolders(away.raw)
      const record = yield* ordered(yield* orderOf(away))
      assert.strictEqual(join(away.raw, record!.id), folder)
      kinds.length = 0
      assert.strictEqual((yield* ordered(yield* orderOf(away)))?.id, record!.id)
      assert.deepStrictEqual(kinds, ["run", "reused"])
      assert.strictEqual((yield* ordered(yield* orderOf(away, { resume: record!.id })))?.id, record!.id)
      assert.notStrictEqual((yield* ordered(yield* orderOf(away, { fresh: true })))?.id, record!.id)
      const lost = yield* Effect.flip(ordered(yield* orderOf(away, { resume: "never" })))
      assert.strictEqual(lost._tag, "LaunchError")
    }),
  )

  it.effect("of the same cell fails on another machine, with what differs", () =>
    Effect.gen(function* () {
      const away = yield* fakeWorkspace(FILES)
      const order = yield* orderOf(away)
      const runtime = fakeRuntime({ version: "0.9" })
      const host = fakeHost([], undefined, "elsewhere")
      const spec = { ...order.spec, runtime, host, identity: "f".repeat(64) }
      const failed = (changed: CellOrder) =>
        Effect.flip(runOrder(changed, { workspace: away, backends, host: fakeHost() }))
      const error = yield* failed({ ...order, spec })
      assert.strictEqual(error._tag, "OrderMismatch")
      assert.include(error.message, "runtime: ordered fake-engine 0.9, here fake-engine 1.0")
      assert.include(error.message, "host: ordered elsewhere")
      const edited = yield* failed({ ...order, spec: { ...order.spec, identity: "f".repeat(64) } })
      assert.include(edited.message, `identity: ordered ${"f".repeat(64)}`)
      assert.deepStrictEqual(yield* unfinishedFolders(away.raw), [])
    }),
  )

  it.effect("of its own identity takes host and runtime from the machine, and the rest from the order", () =>
    Effect.gen(function* () {
      const away = yield* fakeWorkspace(FILES)
      const order = yield* orderOf(away, { identity: "own" })
      const runtime = fakeRuntime({ version: "0.9" })
      const spec = { ...order.spec, runtime, host: fakeHost([], undefined, "elsewhere") }
      const record = yield* atLeaps(runOrder({ ...order, spec }, { workspace: away, backends, host: fakeHost() }))
      assert.deepStrictEqual(record!.cell.host, fakeHost())
      assert.strictEqual(record!.cell.runtime.version, "1.0")
      const { host: _, identity: _one, runtime: _two, ...ordered } = spec
      assert.deepInclude(record!.cell, ordered)
    }),
  )

  it.effect("fails in any case where prompts are others, or the model is missing", () =>
    Effect.gen(function* () {
      const order = yield* orderOf(yield* fakeWorkspace(FILES), { identity: "own" })
      const failed = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>) {
        const workspace = yield* fakeWorkspace(files)
        return yield* Effect.flip(runOrder(order, { workspace, backends, host: fakeHost() }))
      })
      const prompts = yield* failed({ ...FILES, "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"bye"}\n' })
      assert.strictEqual(prompts._tag, "OrderMismatch")
      assert.match(prompts.message, /prompts: ordered chat \(SHA-256 /)
      const { "models/m.gguf": _, ...without } = FILES
      const model = yield* failed(without)
      assert.strictEqual(model._tag, "ConfigError")
      assert.match(model.message, /^order:1:1: spec\.source\.path: no model file /)
    }),
  )

  it.effect("that is none is refused, with each mistake at its place", () =>
    Effect.gen(function* () {
      const order = yield* orderOf(yield* fakeWorkspace(FILES))
      const text = Schema.encodeSync(asText)(order)
      for (const [wrong, said] of [
        ["", "order:1:1: the order is empty"],
        ["nonsense", "order:1:1: "],
        ["{", "order:"],
        [text.replace('"until":4', '"until":0'), ": until: expected a value greater than 0, found 0"],
        [text.replace('"identity":"same"', '"identity":"similar"'), ": identity: "],
        [text.replace('"fresh":false', '"refresh":false'), ": refresh: unknown key"],
        [text.replace('"latency"', '"latencies"'), ": spec.scenario.kind: "],
        [text.replace('"requested"', '"wanted"'), ": requested: is missing"],
      ] as const) {
        const error = yield* Effect.flip(Effect.fromResult(readOrder(wrong)))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, said, wrong.slice(0, 40))
      }
    }),
  )
})
