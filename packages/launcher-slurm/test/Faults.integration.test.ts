import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { type Connection, type LaunchUnit, type Observation } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem, Schedule } from "effect"
import { join } from "node:path"
import { withoutSteering } from "../src/Commands.ts"
import { unitFolder } from "../src/UnitFolder.ts"
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

it.live("a unit is submitted once and followed, though the program or the controller is killed meanwhile", () =>
  Effect.gen(function* () {
    const { controller } = yield* slurmRig
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

    const unit = subject.long(3)
    const { id } = yield* connection.submit(unit)
    yield* until(connection, unit, ({ state }) => state === "running")

    // Killed between sbatch and the line that keeps its job.
    yield* fs.remove(join(unitFolder(raw, unit.name).path, "job"))
    assert.deepStrictEqual(yield* connection.submit(unit), { id, adopted: true })
    assert.strictEqual(yield* slurm("squeue", "-h", `--name=${unit.name}`, "-o", "%i"), id)

    // A controller that is killed before it has saved a job would cancel it: it saves every few seconds.
    yield* Effect.sleep(8000)
    yield* controller.kill
    const away = yield* Effect.flip(connection.observe([{ name: unit.name, after: 0 }]))
    assert.strictEqual(away._tag, "HostAway")
    yield* controller.start
    yield* until(connection, unit, ({ state }) => state === "running")

    yield* connection.cancel(unit.name)
    const cancelled = yield* until(connection, unit, ({ state }) => state === "ended")
    assert.deepInclude(cancelled, { outcome: "cancelled" })
    assert.deepStrictEqual(yield* subject.running, [])
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
