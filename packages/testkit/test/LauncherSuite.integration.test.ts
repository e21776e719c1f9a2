import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Connection, LaunchError, type Observation } from "@rigbook/core"
import { Effect, FileSystem, Scope } from "effect"
import { join } from "node:path"
import { checkLauncher, fakeHost, type LauncherSubject, launcherSuite } from "../src/index.ts"
import { inProcess } from "./launching.ts"

launcherSuite(
  "in this process",
  NodeServices.layer,
  Effect.map(inProcess, ({ subject }) => subject),
)

type Made = Effect.Success<typeof inProcess>

/** One fault: how a connection or its subject differs from one that conforms, which cases find it, and what they say. */
interface Broken {
  readonly fault: string
  readonly with: (made: Made) => Partial<Connection>
  readonly subject?: (made: Made) => Partial<LauncherSubject>
  readonly fails: string
  readonly says: RegExp
}

/** Changes what is observed of units. */
const observing =
  (change: (observation: Observation, name: string, call: number) => Observation): Broken["with"] =>
  ({ connection }) => {
    let calls = 0
    return {
      observe: (units) =>
        Effect.map(connection.observe(units), (found) => {
          const call = calls++
          return new Map([...found].map(([name, one]) => [name, change(one, name, call)]))
        }),
    }
  }

/** Something else from the second call on. */
const turn = <A>(first: A, later: A): (() => A) => {
  let calls = 0
  return () => (calls++ === 0 ? first : later)
}

const FIRST_RECORD = Effect.fnUntraced(
  function* ({ subject: { workspace } }: Made, file: string) {
    const fs = yield* FileSystem.FileSystem
    const [id] = yield* fs.readDirectory(workspace.raw)
    return join(workspace.raw, id!, file)
  },
  Effect.orDie,
  Effect.provide(NodeServices.layer),
)

const writeIn = (made: Made, file: string, change: (text: string) => string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* FIRST_RECORD(made, file)
    const text = yield* Effect.orElseSucceed(fs.readFileString(path), () => "")
    yield* fs.writeFileString(path, change(text))
  }).pipe(Effect.orDie, Effect.provide(NodeServices.layer))

const BROKEN: ReadonlyArray<Broken> = [
  {
    fault: "its facts are of another machine each time",
    with: ({ connection }) => {
      const host = turn(fakeHost(), fakeHost([], undefined, "elsewhere"))
      return { facts: Effect.map(connection.facts, (facts) => ({ ...facts, host: host() })) }
    },
    fails: "reports what its machine is",
    says: /fakehost0001, and then elsewhere/,
  },
  {
    fault: "it refuses every shape",
    with: () => ({ check: () => Effect.fail(new LaunchError({ host: "h", detail: "No.", fix: "None." })) }),
    fails: "accepts a shape that runs there; refuses a shape that it never has",
    says: /check of a shape that runs there fails: h: No/,
  },
  {
    fault: "it accepts every shape",
    with: () => ({ check: () => Effect.void }),
    fails: "refuses a shape that it never has",
    says: /would wait for ever/,
  },
  {
    fault: "it takes an unknown unit for a lost one",
    with: observing((one) =>
      one.state === "unknown" ? { state: "ended", outcome: "lost", detail: "It is gone.", lines: [] } : one,
    ),
    fails: "knows nothing of a unit that was never submitted",
    says: /never submitted is ended: it must be unknown/,
  },
  {
    fault: "it fails for a unit that it does not know",
    with: ({ connection }) => ({
      cancel: (name) =>
        name.includes("00000000")
          ? Effect.fail(new LaunchError({ host: "h", detail: "No such job.", fix: "Look." }))
          : connection.cancel(name),
    }),
    fails: "knows nothing of a unit that was never submitted",
    says: /cancel of an unknown unit fails: h: No such job/,
  },
  {
    fault: "it loses the last line",
    with: observing((one) =>
      "lines" in one ? { ...one, lines: one.lines.filter(({ kind }) => kind !== "finished") } : one,
    ),
    fails: "carries a unit out, and returns its worker's lines",
    says: /must be there when it has ended/,
  },
  {
    fault: "it calls a unit stopped that is done",
    with: observing((one) =>
      one.state === "ended" && one.outcome === "done" ? { ...one, outcome: "stopped", detail: "Time." } : one,
    ),
    fails: "carries a unit out, and returns its worker's lines; does not cancel what is done",
    says: /ends as stopped: Time/,
  },
  {
    fault: "it returns all lines each time",
    with: ({ connection }) => ({
      observe: (units) => connection.observe(units.map(({ name }) => ({ name, after: 0 }))),
    }),
    fails: "returns each line once, in order",
    says: /come once, in order/,
  },
  {
    fault: "it starts what has ended once more",
    with: ({ connection }) => ({
      submit: (unit) => Effect.map(connection.submit(unit), ({ id }) => ({ id, adopted: false })),
    }),
    fails: "leaves a unit that has ended as it is; adopts a unit that runs instead of running it twice",
    says: /would be measured twice/,
  },
  {
    fault: "it brings nothing home",
    with: () => ({ collect: () => Effect.succeed([]) }),
    fails: "brings verified records home",
    says: /returns 0 records of a unit of 1 cells/,
  },
  {
    fault: "it brings a record home whose samples were changed on the way",
    with: (made) => ({
      collect: (unit) =>
        Effect.tap(made.connection.collect(unit), (ids) =>
          ids.length === 0
            ? Effect.void
            : writeIn(made, "samples.ndjson", (text) => text.replaceAll(/"outputTokens":4/g, '"outputTokens":5')),
        ),
    }),
    fails: "brings verified records home",
    says: /does not agree with its samples/,
  },
  {
    fault: "it brings nothing home the second time",
    with: ({ connection }) => {
      const seen = new Set<string>()
      return {
        collect: (unit) => {
          const again = seen.has(unit.name)
          seen.add(unit.name)
          return again ? Effect.succeed([]) : connection.collect(unit)
        },
      }
    },
    fails: "brings them home once",
    says: /and then nothing: it must be the same each time/,
  },
  {
    fault: "it writes records again",
    with: (made) => ({
      collect: (unit) =>
        Effect.tap(made.connection.collect(unit), (ids) =>
          ids.length === 0 ? Effect.void : writeIn(made, "copied.log", (text) => `${text}copied\n`),
        ),
    }),
    fails: "brings them home once",
    says: /changes the folder of records/,
  },
  {
    fault: "it writes its address beside a record",
    with: (made) => ({
      collect: (unit) =>
        Effect.tap(made.connection.collect(unit), (ids) =>
          ids.length === 0 ? Effect.void : writeIn(made, "engine.9.log", () => "copied from someone@192.0.2.7:/home"),
        ),
    }),
    fails: "keeps addresses and accounts out of records",
    says: /engine\.9\.log contains "someone@192\.0\.2\.7"/,
  },
  {
    fault: "it cancels what is done",
    with: (made) => {
      const cancelled = new Set<string>()
      return {
        cancel: (name) =>
          Effect.andThen(
            made.connection.cancel(name),
            Effect.sync(() => void cancelled.add(name)),
          ),
        ...observing((one, name) =>
          cancelled.has(name) && one.state === "ended" ? { ...one, outcome: "cancelled" } : one,
        )(made),
      }
    },
    fails: "does not cancel what is done",
    says: /what has ended stays as it was/,
  },
  {
    fault: "it does not say why a unit failed",
    with: observing((one) =>
      one.state === "ended" && one.outcome === "failed" ? { state: "ended", outcome: "failed", lines: [] } : one,
    ),
    fails: "says why a unit failed",
    says: /does not say why/,
  },
  {
    fault: "it calls what failed done",
    with: observing((one) =>
      one.state === "ended" && one.outcome === "failed" ? { state: "ended", outcome: "done", lines: [] } : one,
    ),
    fails: "says why a unit failed",
    says: /ends as done: it must be failed/,
  },
  {
    fault: "it knows a unit only after a while, as a queue without accounting does",
    with: ({ connection, subject }) => {
      const first = subject.long(1).name
      const known = turn<Observation | undefined>({ state: "unknown" }, undefined)
      return {
        observe: (units) =>
          Effect.map(connection.observe(units), (found) => {
            const early = units.some(({ name }) => name === first) ? known() : undefined
            return early === undefined ? found : new Map([...found, [first, early]])
          }),
      }
    },
    fails: "knows a unit as soon as it is submitted",
    says: /would submit it again/,
  },
  {
    fault: "it runs two at once",
    with: observing((one) => (one.state === "waiting" ? { state: "running", lines: [] } : one)),
    fails: "runs one unit at a time on a machine",
    says: /they distort each other/,
  },
  {
    fault: "it observes one unit only",
    with: ({ connection }) => ({ observe: (units) => connection.observe(units.slice(0, 1)) }),
    fails: "observes several units at once",
    says: /Of three units observe returns 1/,
  },
  {
    fault: "its units end with the connection",
    with: () => ({}),
    subject: ({ connection, subject }) => ({
      connect: Effect.andThen(
        Effect.flatMap(Effect.scope, (scope) =>
          Scope.addFinalizer(scope, Effect.ignore(connection.cancel(subject.long(1).name))),
        ),
        Effect.succeed(connection),
      ),
    }),
    fails: "runs on when the connection closes",
    says: /ended after a connection was closed: it must run on/,
  },
  {
    fault: "it does not cancel a unit that waits",
    with: ({ connection, subject }) => ({
      cancel: (name) => (name === subject.long(2).name ? Effect.void : connection.cancel(name)),
    }),
    fails: "cancels a unit that waits",
    says: /waited is waiting after it was cancelled/,
  },
  {
    fault: "its engine runs on after cancel",
    with: ({ connection }) => ({
      cancel: (name) =>
        Effect.asVoid(Effect.forkDetach(Effect.andThen(Effect.sleep("50 millis"), connection.cancel(name)))),
    }),
    fails: "cancels a unit that waits; cancels a unit that runs, and leaves nothing of it running",
    says: /after it was cancelled/,
  },
  {
    fault: "it ends a unit and leaves its engine running",
    with: () => ({}),
    subject: ({ subject }) => {
      const left = turn<ReadonlyArray<string>>(["process 4711"], [])
      return { running: Effect.andThen(subject.running, Effect.sync(left)) }
    },
    fails: "cancels a unit that runs, and leaves nothing of it running",
    says: /process 4711 still runs after cancel has returned/,
  },
]

describe.concurrent("the suite for launchers finds that", () => {
  for (const { fails, fault, says, subject: given, with: change } of BROKEN)
    it.live(fault, () =>
      Effect.gen(function* () {
        const made = yield* inProcess
        const broken: Connection = { ...made.connection, ...change(made) }
        const subject = { ...made.subject, connect: Effect.succeed(broken), ...given?.(made) }
        const results = yield* checkLauncher(Effect.succeed(subject))
        const failed = results.filter(({ outcome }) => outcome === "failed")
        assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
        assert.match(failed[0]?.outcome === "failed" ? failed[0].sentence : "", says)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    )
})

it.live("every case of the suite is failed by one of them", () =>
  Effect.gen(function* () {
    const { subject } = yield* inProcess
    const cases = yield* checkLauncher(Effect.succeed(subject))
    assert.deepStrictEqual(
      cases.map(({ name }) => name).toSorted(),
      [...new Set(BROKEN.flatMap(({ fails }) => fails.split("; ")))].toSorted(),
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
