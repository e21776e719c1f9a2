import { CPU, type Connection, type LaunchUnit } from "@rigbook/core"
import { readRecord, verifyRecord } from "@rigbook/records"
import { Effect, FileSystem, type Layer, Result, type Scope } from "effect"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { once } from "./backend/Bench.ts"
import { type Case, type CaseResult, must, notRun, runCases, violated } from "./Conformance.ts"
import { followed, stateOf, works } from "./launcher/Following.ts"
import type { LauncherSubject } from "./launcher/LauncherSubject.ts"
import { registerSuite } from "./Suite.ts"

type Services<R> = R | FileSystem.FileSystem | Scope.Scope

/** A name that no unit has. */
const NOBODY = `rigbook-${"0".repeat(16)}-a1`

const launcherCases = <E, R>(
  made: Effect.Effect<LauncherSubject<R>, E, Services<R>>,
): ReadonlyArray<Case<Services<R>>> => {
  const shared = once(
    Effect.gen(function* () {
      const subject = yield* made
      return { subject, connection: yield* subject.connect, limitMs: subject.unitMs ?? 300_000 }
    }).pipe(Effect.catch((error) => violated(`The subject can't be made: ${String(error)}`))),
  )
  const submitted = Effect.fnUntraced(function* (unit: LaunchUnit) {
    const { connection } = yield* shared
    return yield* works("submit", connection.submit(unit))
  })
  /** A unit that has ended well, and its lines as they came. */
  const finished = once(
    Effect.gen(function* () {
      const { connection, limitMs, subject } = yield* shared
      const unit = subject.short(1)
      yield* submitted(unit)
      return { unit, ...(yield* followed(connection, unit, ({ state }) => state === "ended", limitMs)) }
    }),
  )
  /** Two units that take long, the first of which runs. */
  const running = once(
    Effect.gen(function* () {
      const { connection, limitMs, subject } = yield* shared
      const [first, second] = [subject.long(1), subject.long(2)]
      const submission = yield* submitted(first)
      const known = yield* stateOf(connection, first.name)
      yield* followed(connection, first, ({ state }) => state === "running", limitMs)
      yield* submitted(second)
      return { first, second, submission, known }
    }),
  )
  const after = <A, R2>(effect: Effect.Effect<A, unknown, R2>, why: string) => Effect.catch(effect, () => notRun(why))
  const ended = after(finished, "no unit ends: see its own case")
  const busy = after(running, "no unit runs: see its own case")

  const reports = Effect.gen(function* () {
    const { connection } = yield* shared
    const [one, two] = [yield* works("facts", connection.facts), yield* works("facts", connection.facts)]
    yield* must(one.host.devices[0].id === CPU, "The first device of the facts' host must be its processor.")
    yield* must(
      one.host.fingerprint === two.host.fingerprint,
      `The facts name the host ${one.host.fingerprint}, and then ${two.host.fingerprint}: it must be the same machine, or one like it.`,
    )
    yield* must(one.rigbook !== "", "The facts must say which version of Rigbook runs there.")
  })

  const accepts = Effect.gen(function* () {
    const { connection, subject } = yield* shared
    yield* works("check of a shape that runs there", connection.check(subject.short(1).shape))
  })

  const refuses = Effect.gen(function* () {
    const { connection, subject } = yield* shared
    if (subject.impossible === undefined) return yield* notRun("the subject has no shape that is impossible there")
    const checked = yield* Effect.result(connection.check(subject.impossible))
    if (Result.isSuccess(checked))
      return yield* violated("check accepts a shape that the host never has: its unit would wait for ever.")
    yield* must(
      checked.failure._tag === "ShapeRefused",
      `check fails with ${checked.failure._tag} for a shape that the host never has: it must be ShapeRefused.`,
    )
  })

  const knowsNothing = Effect.gen(function* () {
    const { connection, subject } = yield* shared
    const { state } = yield* stateOf(connection, NOBODY)
    yield* must(state === "unknown", `A unit that was never submitted is ${state}: it must be unknown.`)
    const none = yield* works("collect of an unknown unit", connection.collect({ ...subject.short(1), name: NOBODY }))
    yield* must(none.length === 0, "collect returns records of a unit that was never submitted.")
    yield* works("cancel of an unknown unit", connection.cancel(NOBODY))
  })

  const carriesOut = Effect.gen(function* () {
    const { last, lines } = yield* finished
    if (last.state !== "ended") return
    yield* must(
      last.outcome === "done",
      `A unit that can be measured ends as ${last.outcome}: ${last.detail ?? "without a detail"}`,
    )
    const kinds = lines.map(({ kind }) => kind)
    yield* must(
      kinds[0] === "run",
      `The first line of a unit is ${kinds[0] ?? "missing"}: it must be the worker's first.`,
    )
    yield* must(
      kinds.at(-1) === "finished",
      `The last line of a unit that is done is ${kinds.at(-1) ?? "missing"}: all of the worker's lines must be there when it has ended.`,
    )
  })

  const tellsOnce = Effect.gen(function* () {
    const { lines, unit } = yield* ended
    const { connection } = yield* shared
    const all = yield* stateOf(connection, unit.name)
    const rest = yield* stateOf(connection, unit.name, lines.length)
    const counted = "lines" in all ? all.lines.length : 0
    yield* must(
      "lines" in all && isDeepStrictEqual(all.lines, lines),
      `The lines came as ${lines.length} one after the other, and are ${counted} at once: each must come once, in order.`,
    )
    yield* must(
      "lines" in rest && rest.lines.length === 0,
      "observe returns lines that are already known: it must leave out as many as `after` says.",
    )
  })

  const staysEnded = Effect.gen(function* () {
    const { last, unit } = yield* ended
    const { connection } = yield* shared
    const again = yield* submitted(unit)
    yield* must(again.adopted, "A unit that has ended is submitted again and not adopted: it would be measured twice.")
    const now = yield* stateOf(connection, unit.name)
    yield* must(
      now.state === "ended" && last.state === "ended" && now.outcome === last.outcome,
      `A unit that had ended is ${now.state} after it was submitted again: it must be left as it is.`,
    )
  })

  const collected = once(
    Effect.gen(function* () {
      const { unit } = yield* ended
      const { connection } = yield* shared
      return { unit, ids: yield* works("collect", connection.collect(unit)) }
    }),
  )

  const bringsHome = Effect.gen(function* () {
    const { ids, unit } = yield* collected
    const { subject } = yield* shared
    yield* must(
      ids.length === unit.cells.length,
      `collect returns ${ids.length} records of a unit of ${unit.cells.length} cells that is done.`,
    )
    for (const [at, id] of ids.entries()) {
      const folder = join(subject.workspace.raw, id)
      const record = yield* works("reading a collected record", readRecord(folder))
      if (record === undefined) return yield* violated(`collect returns ${id}, but its record is not in the workspace.`)
      const { config, scenario } = unit.cells[at]!.order.spec
      yield* must(
        record.cell.config.id === config.id && isDeepStrictEqual(record.cell.scenario, scenario),
        `The record ${id} is of another cell than the unit's, which is ${config.id}.`,
      )
      const { findings } = yield* works("verifying a collected record", verifyRecord(subject.workspace, folder))
      yield* must(findings.length === 0, `The record ${id} does not agree with its samples: ${findings[0]?.detail}.`)
    }
  })

  const bringsOnce = Effect.gen(function* () {
    const { ids, unit } = yield* collected
    const { connection, subject } = yield* shared
    const before = yield* contents(subject.workspace.raw)
    const again = yield* works("collect for the second time", connection.collect(unit))
    yield* must(
      isDeepStrictEqual(again, ids),
      `collect returns ${ids.join(", ")} at first, and then ${again.join(", ") || "nothing"}: it must be the same each time.`,
    )
    yield* must(
      isDeepStrictEqual(yield* contents(subject.workspace.raw), before),
      "collect changes the folder of records when it is called again.",
    )
  })

  const keepsSecrets = Effect.gen(function* () {
    yield* collected
    const { subject } = yield* shared
    if (subject.secrets === undefined) return yield* notRun("the subject names no secrets")
    for (const [file, text] of Object.entries(yield* contents(subject.workspace.raw)))
      for (const secret of subject.secrets)
        yield* must(!text.includes(secret), `${file} contains "${secret}": it must not be in records.`)
  })

  const saysWhy = Effect.gen(function* () {
    const { connection, limitMs, subject } = yield* shared
    const { failing } = subject
    if (failing === undefined) return yield* notRun("the subject has no unit that fails")
    yield* submitted(failing)
    const { last } = yield* followed(connection, failing, ({ state }) => state === "ended", limitMs)
    yield* must(
      last.state === "ended" && last.outcome === "failed",
      `A unit that its machine can't run ends as ${last.state === "ended" ? last.outcome : last.state}: it must be failed.`,
    )
    yield* must(
      "detail" in last && /\S \S/.test(last.detail ?? ""),
      "A failed unit does not say why: detail must be the worker's own message.",
    )
    const ids = yield* works("collect of a failed unit", connection.collect(failing))
    yield* must(ids.length === 0, "collect returns records of a unit that measured nothing.")
  })

  const knowsAtOnce = Effect.gen(function* () {
    const { known, submission } = yield* running
    yield* must(
      known.state !== "unknown",
      "A unit is unknown just after it was submitted: a second program would submit it again.",
    )
    yield* must(!submission.adopted, "submit says that it adopted a unit that was never submitted before.")
  })

  const adopts = Effect.gen(function* () {
    const { first, submission } = yield* busy
    const { subject } = yield* shared
    const other: Connection<R> =
      subject.outlives === false ? (yield* shared).connection : yield* works("connect", subject.connect)
    const again = yield* works("submit", other.submit(first))
    yield* must(
      again.adopted && again.id === submission.id,
      `A unit that runs is submitted again and gets ${again.id} beside ${submission.id}: look for its name first, and leave it.`,
    )
  })

  const takesTurns = Effect.gen(function* () {
    const { second } = yield* busy
    const { connection } = yield* shared
    const { nodes } = yield* works("facts", connection.facts)
    if (nodes > 1) return yield* notRun("the host has several machines: two units may run at once")
    const { state } = yield* stateOf(connection, second.name)
    yield* must(
      state === "waiting",
      `A second unit is ${state} while the first one runs on the same machine: it must wait, or they distort each other.`,
    )
  })

  const observesAll = Effect.gen(function* () {
    const { first, second } = yield* busy
    const { connection } = yield* shared
    const names = [first.name, second.name, NOBODY]
    const found = yield* works("observe", connection.observe(names.map((name) => ({ name, after: 0 }))))
    yield* must(
      names.every((name) => found.has(name)),
      `Of three units observe returns ${found.size}: each must be in its answer, known or not.`,
    )
  })

  const runsOn = Effect.gen(function* () {
    const { first } = yield* busy
    const { subject } = yield* shared
    if (subject.outlives === false) return yield* notRun("units are of this process, and end with it")
    yield* Effect.scoped(
      Effect.gen(function* () {
        const brief = yield* works("connect", subject.connect)
        yield* works("submit", brief.submit(first))
      }),
    )
    const later = yield* works("connect", subject.connect)
    const { state } = yield* stateOf(later, first.name)
    yield* must(state === "running", `A unit is ${state} after a connection was closed: it must run on.`)
  })

  const cancelsWaiting = Effect.gen(function* () {
    const { second } = yield* busy
    const { connection } = yield* shared
    yield* works("cancel of a unit that waits", connection.cancel(second.name))
    const now = yield* stateOf(connection, second.name)
    yield* must(
      now.state === "ended" && now.outcome === "cancelled",
      `A unit that waited is ${now.state} after it was cancelled: it must have ended as cancelled.`,
    )
  })

  const cancels = Effect.gen(function* () {
    const { first } = yield* busy
    const { connection, subject } = yield* shared
    yield* works("cancel of a unit that runs", connection.cancel(first.name))
    const left = yield* subject.running
    yield* must(left.length === 0, `${left.join(", ")} still runs after cancel has returned.`)
    const now = yield* stateOf(connection, first.name)
    yield* must(
      now.state === "ended" && now.outcome === "cancelled",
      `A unit that ran is ${now.state}${now.state === "ended" ? ` as ${now.outcome}` : ""} after it was cancelled.`,
    )
    yield* works("cancel of a unit that was cancelled", connection.cancel(first.name))
  })

  const sparesEnded = Effect.gen(function* () {
    const { unit } = yield* ended
    const { connection } = yield* shared
    yield* works("cancel of a unit that has ended", connection.cancel(unit.name))
    const now = yield* stateOf(connection, unit.name)
    yield* must(
      now.state === "ended" && now.outcome === "done",
      `A unit that was done is ${now.state === "ended" ? now.outcome : now.state} after it was cancelled: what has ended stays as it was.`,
    )
  })

  return [
    { name: "reports what its machine is", check: reports },
    { name: "accepts a shape that runs there", check: accepts },
    { name: "refuses a shape that it never has", check: refuses },
    { name: "knows nothing of a unit that was never submitted", check: knowsNothing },
    { name: "carries a unit out, and returns its worker's lines", check: carriesOut },
    { name: "returns each line once, in order", check: tellsOnce },
    { name: "leaves a unit that has ended as it is", check: staysEnded },
    { name: "brings verified records home", check: bringsHome },
    { name: "brings them home once", check: bringsOnce },
    { name: "keeps addresses and accounts out of records", check: keepsSecrets },
    { name: "does not cancel what is done", check: sparesEnded },
    { name: "says why a unit failed", check: saysWhy },
    { name: "knows a unit as soon as it is submitted", check: knowsAtOnce },
    { name: "adopts a unit that runs instead of running it twice", check: adopts },
    { name: "runs one unit at a time on a machine", check: takesTurns },
    { name: "observes several units at once", check: observesAll },
    { name: "runs on when the connection closes", check: runsOn },
    { name: "cancels a unit that waits", check: cancelsWaiting },
    { name: "cancels a unit that runs, and leaves nothing of it running", check: cancels },
  ]
}

/** The files below a folder, with their text. */
const contents = (folder: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const files = (yield* fs.readDirectory(folder, { recursive: true })).toSorted()
    const read = yield* Effect.forEach(files, (file) =>
      Effect.map(Effect.option(fs.readFileString(join(folder, file))), (text) => [file, text] as const),
    )
    return Object.fromEntries(read.flatMap(([file, text]) => (text._tag === "Some" ? [[file, text.value]] : [])))
  }).pipe(Effect.catch(({ message }) => violated(`The folder of records can't be read: ${message}`)))

/**
 * Registers the conformance suite of a launcher with vitest: call it at the top of a test file. `subject` says what to
 * test it with, and is made once; if that fails, every case fails.
 */
export const launcherSuite = <E, E2, R = never>(
  id: string,
  services: Layer.Layer<NoInfer<R> | FileSystem.FileSystem, E2>,
  subject: Effect.Effect<LauncherSubject<R>, E, Services<R>>,
): void => registerSuite(`launcher ${id}`, launcherCases(subject), services)

/** The same cases without vitest: their results, in order. */
export const checkLauncher = <E, R>(
  subject: Effect.Effect<LauncherSubject<R>, E, Services<R>>,
): Effect.Effect<ReadonlyArray<CaseResult>, never, Exclude<R | FileSystem.FileSystem, Scope.Scope>> =>
  Effect.scoped(runCases(launcherCases(subject)))
