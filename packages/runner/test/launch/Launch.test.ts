import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import {
  attemptOf,
  type Connection,
  HostAway,
  LaunchError,
  type LaunchUnit,
  makeUnit,
  nextAttempt,
  type Observation,
  type RunLine,
  ShapeRefused,
} from "@rigbook/core"
import { Effect, Fiber, type FileSystem } from "effect"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { launch } from "../../src/launch/Launch.ts"
import { forgetUnit, keepUnit, keptUnits } from "../../src/launch/UnitFiles.ts"

const away = new HostAway({ host: "far", detail: "it can't be reached: no route.", fix: "Run it again." })
const at = "2026-01-01T00:00:00.000Z"
const line = (message: string): RunLine => ({ kind: "error", at, message })
const ended = (outcome: "done" | "failed" | "lost" | "stopped" | "cancelled"): Observation => ({
  state: "ended",
  outcome,
  ...(outcome === "done" ? {} : { detail: `It is ${outcome}.` }),
  lines: [line("last")],
})

const unitOf = (number: number): LaunchUnit => {
  const order = {
    schema: 1,
    spec: fakeSpec({ config: { id: `m${number}`, name: `M${number}`, path: "models/configs/m.yaml" } }),
    requested: "cpu",
    identity: "own",
    until: 2,
    fresh: false,
  } as const
  return makeUnit({
    startedAt: at,
    attempt: 1,
    rounds: 1,
    shape: { nodes: 1, gpus: 0, seconds: 60 },
    cells: [{ order }],
  })
}

/** A host that says of each attempt of a unit, observation by observation, what `script` has for it. */
const scripted = (script: ReadonlyArray<ReadonlyArray<Observation | "away">>) => {
  const submitted: Array<string> = []
  const turns = new Map<string, number>()
  const known = new Set<string>()
  const connection: Connection = {
    facts: Effect.die("nobody asks"),
    check: () => Effect.void,
    submit: ({ name }) =>
      Effect.sync(() => {
        const adopted = known.has(name)
        if (!adopted) submitted.push(name)
        known.add(name)
        return { id: name, adopted }
      }),
    observe: (units) =>
      Effect.gen(function* () {
        const found = new Map<string, Observation>()
        for (const { after, name } of units) {
          const turn = turns.get(name) ?? 0
          const steps = script[attemptOf({ name }) - 1]!
          const step = steps[Math.min(turn, steps.length - 1)]!
          turns.set(name, turn + 1)
          if (step === "away") return yield* away
          found.set(name, "lines" in step ? { ...step, lines: step.lines.slice(after) } : step)
        }
        return found
      }),
    cancel: () => Effect.void,
    collect: ({ name }) => Effect.succeed([`record of ${name.slice(-2)}`]),
  }
  return { connection, submitted }
}
const running: Observation = { state: "running", lines: [line("first")] }
const done: Observation = { state: "ended", outcome: "done", lines: [line("first"), line("last")] }

layer(NodeServices.layer, { excludeTestServices: true })("launch", (it) => {
  const launched = Effect.fnUntraced(function* (
    script: ReadonlyArray<ReadonlyArray<Observation | "away">>,
    change: Partial<Connection> = {},
    patienceMs?: number,
  ) {
    const workspace = yield* fakeWorkspace()
    const lines: Array<string> = []
    const { connection, submitted } = scripted(script)
    const result = yield* Effect.result(
      hurried(
        launch([unitOf(1)], {
          host: "far",
          connection: { ...connection, ...change },
          workspace,
          ...(patienceMs === undefined ? {} : { patienceMs }),
          onLine: (one) => Effect.sync(() => void (one.kind === "error" && lines.push(one.message))),
        }),
      ),
    )
    return { result, lines, submitted, left: yield* keptUnits(workspace, "far") }
  })

  it.effect("follows a unit to its end, and passes each line on once", () =>
    Effect.gen(function* () {
      const { left, lines, result, submitted } = yield* launched([
        [{ state: "waiting", detail: "It waits." }, running, running, done],
      ])
      assert.deepStrictEqual(result._tag === "Success" && result.success, { records: ["record of a1"], problems: [] })
      assert.deepStrictEqual(lines, ["first", "last"])
      assert.strictEqual(submitted.length, 1)
      assert.deepStrictEqual(left, [])
    }),
  )

  it.effect("waits for a host that can't be reached", () =>
    Effect.gen(function* () {
      const { lines, result, submitted } = yield* launched([[running, "away", "away", "away", done]])
      assert.deepStrictEqual(result._tag === "Success" && result.success.problems, [])
      assert.deepStrictEqual(lines, ["first", "last"])
      assert.strictEqual(submitted.length, 1)
    }),
  )

  it.effect("has collected units removed there, but for those that are still to be collected", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      yield* keepUnit(workspace, "another host", unitOf(2))
      const kept: Array<ReadonlyArray<string>> = []
      const { connection } = scripted([[done]])
      const launchedWith = (tidied: Effect.Effect<void, LaunchError | HostAway>) =>
        launch([unitOf(1)], {
          host: "far",
          connection: {
            ...connection,
            tidy: (names) =>
              Effect.andThen(
                Effect.sync(() => void kept.push([...names])),
                tidied,
              ),
          },
          workspace,
        })
      assert.deepStrictEqual((yield* launchedWith(Effect.void)).problems, [])
      assert.deepStrictEqual((yield* launchedWith(Effect.fail(away))).problems, [], "the next launch does it")
      const full = new LaunchError({ host: "far", detail: "its disk is read-only.", fix: "See its disk." })
      assert.deepStrictEqual((yield* launchedWith(Effect.fail(full))).problems, [full.message])
      assert.deepStrictEqual(kept, Array(3).fill([unitOf(2).name]))
    }),
  )

  it.effect("counts what another program that follows the same units has brought home", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const services = yield* Effect.context<FileSystem.FileSystem>()
      const [unit, id] = [unitOf(1), "record of a1"]
      /** The other program collects the unit and forgets it; what the host has of it is removed. */
      const otherDoes = Effect.orDie(Effect.provideContext(forgetUnit(workspace, "far", unit), services))
      const finished: RunLine = {
        kind: "finished",
        at,
        cell: "a",
        record: id,
        startedAt: at,
        status: "valid",
        reasons: [],
      }
      const ended: Observation = { state: "ended", outcome: "done", lines: [line("first"), finished] }
      const removed = new LaunchError({ host: "far", detail: "there is no such folder.", fix: "Look." })
      const launchedBeside = Effect.fnUntraced(function* (
        script: ReadonlyArray<Observation>,
        collect: Connection["collect"] = () => Effect.die("its records are here"),
      ) {
        const { connection, submitted } = scripted([script, [done]])
        let looks = 0
        const beside: Connection = {
          ...connection,
          observe: (units) => Effect.andThen(++looks === 2 ? otherDoes : Effect.void, connection.observe(units)),
          collect,
        }
        const result = yield* launch([unit], { host: "far", connection: beside, workspace })
        assert.deepStrictEqual(submitted, [unit.name])
        return result
      })
      assert.deepStrictEqual(yield* launchedBeside([running, { state: "unknown" }]), { records: [], problems: [] })
      for (const collect of [() => Effect.succeed([]), () => Effect.fail(removed)])
        assert.deepStrictEqual(yield* launchedBeside([running, ended], collect), { records: [id], problems: [] })
    }),
  )

  it.effect("gives up after its patience, and leaves the unit to be picked up", () =>
    Effect.gen(function* () {
      const { left, result } = yield* launched([["away"]], {}, 50)
      assert.strictEqual(result._tag === "Failure" && result.failure._tag, "HostAway")
      assert.deepStrictEqual(
        left.map(({ name }) => name),
        [unitOf(1).name],
      )
    }),
  )

  it.effect("tries a unit again that was lost or stopped, three times in all", () =>
    Effect.gen(function* () {
      const again = yield* launched([[running, ended("lost")], [ended("stopped")], [ended("done")]])
      assert.deepStrictEqual(again.result._tag === "Success" && again.result.success.records, ["record of a3"])
      assert.deepStrictEqual(
        again.submitted.map((name) => name.slice(-2)),
        ["a1", "a2", "a3"],
      )
      const lost = yield* launched([[{ state: "unknown" }], [ended("lost")], [ended("lost")], [done]])
      assert.strictEqual(lost.submitted.length, 3)
      assert.deepStrictEqual(lost.result._tag === "Success" && lost.result.success.problems, [
        "far: M1 lost: It is lost.",
      ])
      assert.deepStrictEqual(lost.left, [])
    }),
  )

  it.effect("tries a unit again that is stopped, such as by a time limit, as long as it measures something", () =>
    Effect.gen(function* () {
      const trial: RunLine = { kind: "trial", at, cell: "a", phase: "measured", trial: 0, done: 1, total: 9 }
      const stopped: Observation = { ...ended("stopped"), lines: [trial] } as Observation
      const slow = yield* launched([[stopped], [stopped], [stopped], [stopped], [done]])
      assert.deepStrictEqual(slow.result._tag === "Success" && slow.result.success.records, ["record of a5"])
      const none = yield* launched([[stopped], [stopped], [stopped], [ended("stopped")], [done]])
      assert.strictEqual(none.submitted.length, 4)
      assert.deepStrictEqual(none.result._tag === "Success" && none.result.success.problems, [
        "far: M1 stopped: It is stopped.",
      ])
    }),
  )

  it.effect("killed between an attempt and the next, which are both kept then, it follows the next once", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { connection, submitted } = scripted([[ended("lost")], [running, running, done]])
      const units = [unitOf(1), nextAttempt(unitOf(1), at)]
      const result = yield* launch(units, { host: "far", connection, workspace })
      assert.deepStrictEqual(result, { records: ["record of a2"], problems: [] })
      assert.deepStrictEqual(
        submitted.map((name) => name.slice(-2)),
        ["a1", "a2"],
      )
      assert.deepStrictEqual(yield* keptUnits(workspace, "far"), [])
    }),
  )

  it.effect("does not try again what failed or was cancelled, and says why", () =>
    Effect.gen(function* () {
      for (const outcome of ["failed", "cancelled"] as const) {
        const { result, submitted } = yield* launched([[ended(outcome)], [done]])
        assert.strictEqual(submitted.length, 1)
        assert.deepStrictEqual(result._tag === "Success" && result.success.problems, [
          `far: M1 ${outcome}: It is ${outcome}.`,
        ])
      }
      const none = yield* launched([[done]], { collect: () => Effect.succeed([]) })
      assert.deepStrictEqual(none.result._tag === "Success" && none.result.success.problems, [
        "far: M1 gave 0 of 1 records; its lines say why.",
      ])
    }),
  )

  it.effect("submits nothing of a shape that is refused, and says so", () =>
    Effect.gen(function* () {
      const refused = new ShapeRefused({ host: "far", detail: "it has no GPU.", fix: "Choose another." })
      const { left, result, submitted } = yield* launched([[done]], { check: () => Effect.fail(refused) })
      assert.deepStrictEqual(result._tag === "Success" && result.success, { records: [], problems: [refused.message] })
      assert.deepStrictEqual([submitted, left], [[], []])
    }),
  )

  it.effect("a unit that can't be submitted, or whose records are refused, costs no other", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { connection } = scripted([[done]])
      const units = [unitOf(1), unitOf(2), unitOf(3)]
      const failing = (which: LaunchUnit, detail: string) => (unit: LaunchUnit) =>
        unit.name === which.name ? new LaunchError({ host: "far", detail, fix: "Look." }) : undefined
      const [noModel, refused] = [failing(units[0]!, "no model."), failing(units[1]!, "record refused.")]
      const broken: Connection = {
        ...connection,
        submit: (unit) => noModel(unit) ?? connection.submit(unit),
        collect: (unit) => refused(unit) ?? connection.collect(unit),
      }
      const { problems, records } = yield* launch(units, { host: "far", connection: broken, workspace })
      assert.deepStrictEqual(records, ["record of a1"])
      assert.deepStrictEqual(problems, ["far: no model. Look.", "far: record refused. Look."])
      // What could not be collected is, by the next.
      const left = yield* keptUnits(workspace, "far")
      assert.deepStrictEqual(left, [units[1]])
      const later = yield* launch(left, { host: "far", connection, workspace })
      assert.deepStrictEqual(later, { records: ["record of a1"], problems: [] })
      assert.deepStrictEqual(yield* keptUnits(workspace, "far"), [])
    }),
  )

  it.effect(
    "keeps what it may not lose: records of a unit whose next attempt is refused, and a unit of an earlier run",
    () =>
      Effect.gen(function* () {
        const refused = new LaunchError({ host: "far", detail: "no quota.", fix: "Look." })
        const { connection } = scripted([[ended("stopped")]])
        const onlyFirst: Connection = {
          ...connection,
          submit: (unit) => (attemptOf(unit) > 1 ? refused : connection.submit(unit)),
        }
        const workspace = yield* fakeWorkspace()
        const stopped = yield* launch([unitOf(1)], { host: "far", connection: onlyFirst, workspace })
        assert.deepStrictEqual(stopped.records, ["record of a1"])
        assert.deepStrictEqual(stopped.problems, [refused.message, "far: M1 stopped: It is stopped."])
        assert.deepStrictEqual(yield* keptUnits(workspace, "far"), [])

        yield* keepUnit(workspace, "far", unitOf(2))
        const nothing: Connection = { ...connection, submit: () => refused }
        yield* launch([unitOf(2)], { host: "far", connection: nothing, workspace })
        assert.deepStrictEqual(yield* keptUnits(workspace, "far"), [unitOf(2)])
      }),
  )

  it.effect("counts rungs above the end of a ramp as results, and misses a cell that gave none", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const [one, two] = [unitOf(1), unitOf(2)]
      const unit = { ...one, cells: [...one.cells, ...two.cells] } as LaunchUnit
      const skipped: RunLine = {
        kind: "skipped",
        at,
        cell: two.cells[0].order.spec.identity,
        reason: "The ramp ended.",
      }
      const problemsOf = (lines: ReadonlyArray<RunLine>) =>
        Effect.map(
          launch([unit], {
            host: "far",
            connection: scripted([[{ state: "ended", outcome: "done", lines }]]).connection,
            workspace,
          }),
          ({ problems }) => problems,
        )
      assert.deepStrictEqual(yield* problemsOf([skipped, skipped]), [])
      assert.deepStrictEqual(yield* problemsOf([]), ["far: M1 (2 cells) gave 1 of 2 records; its lines say why."])
    }),
  )

  it.effect("killed at any moment, it is picked up by the next, and every unit is submitted once", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const { connection, submitted } = scripted([[running, running, running, done]])
      let calls = 0
      const cut = (limit: number): Connection => {
        const counted =
          <A extends ReadonlyArray<unknown>, B, E>(member: (...args: A) => Effect.Effect<B, E>) =>
          (...args: A) =>
            calls++ === limit ? Effect.never : member(...args)
        return {
          ...connection,
          submit: counted(connection.submit),
          observe: counted(connection.observe),
          collect: counted(connection.collect),
        }
      }
      const units = [unitOf(1), unitOf(2), unitOf(3)]
      for (const limit of [2, 0, 3, 4, 5, 6, 7]) {
        calls = 0
        const left = yield* keptUnits(workspace, "far")
        const fiber = yield* Effect.forkChild(
          launch(limit === 2 ? units : left, {
            host: "far",
            connection: cut(limit),
            workspace,
          }),
        )
        yield* Effect.sleep("100 millis")
        yield* Fiber.interrupt(fiber)
      }
      const left = yield* keptUnits(workspace, "far")
      yield* launch(left, { host: "far", connection, workspace })
      assert.strictEqual(submitted.length, units.length)
      assert.strictEqual(new Set(submitted).size, submitted.length)
      assert.deepStrictEqual(yield* keptUnits(workspace, "far"), [])
    }),
  )
})
