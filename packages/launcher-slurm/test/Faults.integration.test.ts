import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { type Connection, type LaunchUnit, nextAttempt, type Observation } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem, Schedule } from "effect"
import { join } from "node:path"
import { withoutSteering } from "../src/Commands.ts"
import { keepJob, prepare, unitFolder } from "../src/UnitFolder.ts"
import { slurmRig } from "./SlurmRig.ts"
import { slurmSubject } from "./Subject.ts"

const WAIT = { schedule: Schedule.spaced(200), times: 600 } as const

/** Observes a unit until it is so, past times when the cluster does not answer. */
const until = <R>(
  { observe }: Connection<R>,
  { name }: LaunchUnit,
  holds: (observation: Observation) => boolean,
): Effect.Effect<Observation, unknown, R> =>
  observe([{ name, after: 0 }]).pipe(
    Effect.map((found) => found.get(name)!),
    Effect.filterOrFail(holds, (observation) => observation),
    Effect.retry(WAIT),
  )

const slurm = (command: string, ...args: ReadonlyArray<string>) =>
  Effect.orDie(
    Effect.map(shortCommand(command, args, { env: withoutSteering(process.env) }), ({ stdout }) => stdout.trim()),
  )

it.live(
  "a unit is followed though the program, the controller and its node die, and its cell is measured once; what is stopped is resumed",
  () =>
    Effect.gen(function* () {
      const { controller, node } = yield* slurmRig
      const subject = yield* slurmSubject("gpu")
      const fs = yield* FileSystem.FileSystem
      const connection = yield* subject.connect
      const { raw } = subject.workspace

      // A token or a format of the user's own environment changes nothing.
      process.env["SLURM_JWT"] = "none"
      process.env["SQUEUE_FORMAT"] = "%i"
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          delete process.env["SLURM_JWT"]
          delete process.env["SQUEUE_FORMAT"]
        }),
      )

      // Several programs that follow the same unit submit one job.
      const shared = subject.short(4)
      const programs = [connection, yield* subject.connect, yield* subject.connect]
      const submissions = yield* Effect.forEach(programs, ({ submit }) => submit(shared), { concurrency: 3 })
      assert.lengthOf(new Set(submissions.map(({ id }) => id)), 1)
      assert.lengthOf(
        submissions.filter(({ adopted }) => !adopted),
        1,
      )
      for (const each of programs)
        assert.deepInclude(yield* until(each, shared, ({ state }) => state === "ended"), { outcome: "done" })

      const { orphan } = subject
      const { id } = yield* connection.submit(orphan)
      yield* until(connection, orphan, ({ state }) => state === "running")

      // Killed between sbatch and the line that keeps its job.
      yield* fs.remove(join(unitFolder(raw, orphan.name).path, "job"))
      assert.deepStrictEqual(yield* connection.submit(orphan), { id, adopted: true })
      assert.strictEqual(yield* slurm("squeue", "-h", `--name=${orphan.name}`, "-o", "%i"), id)

      // A controller that is killed before it has saved a job would cancel it: it saves every few seconds.
      yield* Effect.sleep(8000)
      yield* controller.kill
      const away = yield* Effect.flip(connection.observe([{ name: orphan.name, after: 0 }]))
      assert.strictEqual(away._tag, "HostAway")
      yield* controller.start
      yield* until(connection, orphan, ({ state }) => state === "running")

      const first = yield* slurm("squeue", "-h", `--jobs=${id}`, "-o", "%N")
      yield* node("daemon-dies", first)
      const lost = yield* until(connection, orphan, ({ state }) => state === "ended")
      assert.deepInclude(lost, { outcome: "lost", detail: `Job ${id}: its node failed on ${first}.` })

      // The lost attempt still runs, and writes its record beside that of the next one, which resumes on another node.
      const again = nextAttempt(orphan)
      assert.isFalse((yield* connection.submit(again)).adopted)
      const done = yield* until(connection, again, ({ state }) => state === "ended")
      assert.deepInclude(done, { state: "ended", outcome: "done" })
      const second = yield* slurm("squeue", "-h", "--states=all", `--name=${again.name}`, "-o", "%N")
      assert.notStrictEqual(second, first)
      const { records } = unitFolder(raw, orphan.name)
      const [late = ""] = yield* fs.readDirectory(records)
      yield* fs.exists(join(records, late, "record.json")).pipe(
        Effect.filterOrFail((isThere) => isThere),
        Effect.retry(WAIT),
      )
      const ids = yield* connection.collect(again)
      assert.lengthOf(ids, 1)
      assert.deepStrictEqual(yield* connection.collect(again), ids)
      assert.deepStrictEqual(yield* fs.readDirectory(raw), ids)

      // What is lost stays lost, though its worker came to an end.
      assert.deepInclude(yield* until(connection, orphan, ({ state }) => state === "ended"), { outcome: "lost" })

      // Of a job that Slurm has forgotten, the exit code that its script has kept counts: without a record it is no result.
      const forgotten = subject.short(3)
      const folder = unitFolder(raw, forgotten.name)
      yield* prepare(folder, forgotten, "", [])
      yield* keepJob(folder, "4000000")
      yield* fs.writeFileString(join(folder.path, "exit"), "1")
      const fell = yield* until(connection, forgotten, ({ state }) => state === "ended")
      assert.deepInclude(fell, { outcome: "failed", detail: "It ended with exit code 1, without a record." })

      // What was measured before a unit was cancelled is resumed by the unit of a later run.
      const [stopped, later] = [subject.stopped(1), subject.stopped(2)]
      const hasTrial = (observation: Observation) =>
        "lines" in observation && observation.lines.some((line) => line.kind === "trial")
      yield* connection.submit(stopped)
      yield* until(connection, stopped, hasTrial)
      yield* connection.cancel(stopped.name)
      yield* Effect.scoped(Effect.andThen(subject.connect, ({ submit }) => submit(later)))
      const resumed = yield* until(connection, later, hasTrial)
      const started = "lines" in resumed ? resumed.lines.find((line) => line.kind === "started") : undefined
      assert.isAtLeast(started?.kind === "started" ? started.kept : 0, 1)
      yield* connection.cancel(later.name)
      assert.deepStrictEqual(yield* subject.running, [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
