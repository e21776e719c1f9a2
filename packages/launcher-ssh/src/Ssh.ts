import {
  type Connection,
  type HostFacts,
  LaunchError,
  type Launcher,
  type LaunchTarget,
  LaunchUnit,
  Observation,
  ShapeRefused,
} from "@rigbook/core"
import { adoptRecord, findWorkspace, RECORD_FILE } from "@rigbook/records"
import { doctorFacts, misfit, recordsIn, succeedsOnce } from "@rigbook/runner"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { copyWorkspace } from "./CopyWorkspace.ts"
import { type Far, openFar } from "./Far.ts"
import { missingFiles, placeUnit, shownMissing } from "./Place.ts"
import { decoded } from "./Remote.ts"

const Submission = Schema.Struct({ id: Schema.NonEmptyString, adopted: Schema.Boolean })
const Observations = Schema.Record(Schema.String, Observation)
const codec = <A>(schema: Schema.Top & { readonly Type: A }): Schema.Codec<A, unknown> =>
  schema as unknown as Schema.Codec<A, unknown>

/**
 * Machines that are reached by OpenSSH's own client, with its config, keys and agent. The other machine needs a POSIX shell,
 * tar, and Node 22.19 or newer; Node is brought where it is of this machine's kind. Rigbook is always brought. Units are
 * carried out one after the other by a process of their own there.
 */
export const ssh: Launcher<FileSystem.FileSystem> = {
  id: "ssh",
  description: "machines that are reached by OpenSSH",
  connect: Effect.fn("Ssh.connect")(function* (target) {
    const far = yield* openFar(target)
    const facts = succeedsOnce(factsOf(far))
    const connection: Connection<FileSystem.FileSystem> = {
      facts,
      check: Effect.fnUntraced(function* (shape) {
        const why = misfit(shape, target.known ?? (yield* facts))
        if (why !== undefined)
          return yield* new ShapeRefused({
            host: far.host,
            detail: why,
            fix: "Choose another placement, or another host.",
          })
      }),
      missing: (unit) => Effect.map(missingFiles(far, unit, target.workspace), shownMissing),
      submit: Effect.fnUntraced(function* (unit) {
        yield* placeUnit(far, unit, target.workspace)
        const submission = { unit: encodeUnit(unit), entry: far.entry, root: far.root }
        return yield* Effect.flatMap(far.ask("submit", submission), decoded(far.host, codec(Submission)))
      }),
      observe: Effect.fnUntraced(function* (units) {
        const found = yield* Effect.flatMap(far.ask("observe", units), decoded(far.host, codec(Observations)))
        return new Map(Object.entries(found))
      }),
      cancel: (name) => Effect.asVoid(far.ask("cancel", { name })),
      collect: (unit) => collect(far, unit, target),
      tidy: (kept) => Effect.asVoid(far.ask("tidy", { kept: [...kept], root: far.root })),
      copyWorkspace: (folder, known, into) => copyWorkspace(far, { folder, known, into }),
    }
    return connection
  }),
}

/** What `doctor` reports there. Its exit code is for people: a missing engine is a fact, too. */
const factsOf = Effect.fnUntraced(function* ({ entry, home, host, node, remote }: Far) {
  const command = 'cd "$1" && { "$2" "$3" doctor --json; true; }'
  const text = yield* remote.run(["sh", "-c", command, "doctor", home, node, entry])
  const found = yield* Effect.mapError(
    doctorFacts(text),
    ({ message }) =>
      new LaunchError({
        host,
        detail: `rigbook doctor there printed something else: ${message.split("\n")[0]}.`,
        fix: "See what `rigbook doctor` prints there.",
      }),
  )
  // A node of a cluster has these commands, too, where its users may submit from it.
  const submits = yield* remote.run(["sh", "-c", "command -v sbatch >/dev/null && command -v sinfo; true"])
  const facts: HostFacts = { ...found, nodes: 1, gpuTypes: [] }
  return submits.trim() === "" ? facts : { ...facts, scheduler: "slurm" as const }
})

const encodeUnit = Schema.encodeSync(LaunchUnit)

/** Brings the folders of a unit's records here beside the workspace's own, and takes each in once it is verified. */
const collect = Effect.fnUntraced(function* (far: Far, unit: LaunchUnit, { workspace: { raw, root } }: LaunchTarget) {
  const fs = yield* FileSystem.FileSystem
  const found = yield* Effect.flatMap(
    far.ask("observe", [{ name: unit.name, after: 0 }]),
    decoded(far.host, codec(Observations)),
  )
  const observed = found[unit.name]
  const ids = observed !== undefined && "lines" in observed ? recordsIn(observed.lines) : []
  const wrong = (message: string) =>
    new LaunchError({ host: far.host, detail: message, fix: "Its records are still there: run the command again." })
  const workspace = yield* Effect.mapError(findWorkspace(root), ({ message }) => wrong(message))
  yield* Effect.gen(function* () {
    const isHere = (id: string) => fs.exists(join(raw, id, RECORD_FILE))
    const wanted = yield* Effect.filter(ids, (id) => Effect.map(isHere(id), (here) => !here))
    if (wanted.length === 0) return
    const results = join(raw, "..")
    yield* fs.makeDirectory(results, { recursive: true })
    const incoming = yield* fs.makeTempDirectoryScoped({ directory: results, prefix: ".incoming-" })
    yield* far.remote.pull(far.raw, wanted, incoming)
    for (const id of wanted) yield* adoptRecord(workspace, join(incoming, id))
  }).pipe(
    Effect.scoped,
    Effect.catchTag(["RecordRefused", "BadTelemetry", "PlatformError", "UnreadableFile"], ({ message }) =>
      Effect.fail(wrong(message)),
    ),
  )
  // Of a unit that failed or was stopped, more is there than its records.
  if (observed?.state === "ended" && observed.outcome === "done") yield* far.ask("collected", { name: unit.name })
  return ids
})
