import { type Connection, LaunchError, type Launcher, LaunchUnit, ShapeRefused, VERSION } from "@rigbook/core"
import { adoptRecord, findWorkspace } from "@rigbook/records"
import { captureHost, misfit, recordsIn } from "@rigbook/runner"
import { Effect, FileSystem, Schema } from "effect"
import { basename, join } from "node:path"
import { start, stop } from "./Job.ts"
import { observation, unitFiles } from "./UnitFiles.ts"

/** Longest wait of `observe` for something new. */
const WAIT_MS = 500

const encode = Schema.encodeSync(Schema.fromJsonString(LaunchUnit))

/**
 * Units as processes of this machine, one after the other, which run on when Rigbook ends: put the commands of your
 * scheduler in the place of `Job.ts`. Its machines have to share this one's disk.
 */
export const myLauncher: Launcher<FileSystem.FileSystem> = {
  id: "my-launcher",
  description: "Processes of this machine",
  connect: Effect.fn("myLauncher.connect")(function* ({ name: host, program, workspace: { raw, root } }) {
    const fs = yield* FileSystem.FileSystem
    const fail = ({ message }: { readonly message: string }) =>
      new LaunchError({ host, detail: message, fix: "See the folder .units beside the records." })
    const workspace = yield* Effect.mapError(findWorkspace(root), fail)
    const filesOf = (unit: string) => unitFiles(join(raw, "../.units", unit))

    // What a machine that units run on reports of itself; of another one: doctorFacts of `rigbook doctor --json` there.
    const facts = Effect.map(captureHost, (here) => ({
      rigbook: VERSION,
      host: here,
      engines: {},
      nodes: 1,
      gpuTypes: [],
    }))

    const check: Connection["check"] = Effect.fnUntraced(function* (shape) {
      const why = misfit(shape, yield* facts)
      if (why !== undefined) return yield* new ShapeRefused({ host, detail: why, fix: "Choose another placement." })
    })

    const submit: Connection<FileSystem.FileSystem>["submit"] = Effect.fnUntraced(function* (unit) {
      const { path, read, write } = filesOf(unit.name)
      const known = yield* read("job")
      if (known !== undefined) return { id: known, adopted: true }
      yield* fs.makeDirectory(join(path, "records"), { recursive: true })
      yield* write("unit.json", encode(unit))
      const id = yield* start({ folder: path, root, entry: program.entry })
      yield* write("job", id)
      return { id, adopted: false }
    }, Effect.mapError(fail))

    const observe: Connection<FileSystem.FileSystem>["observe"] = Effect.fnUntraced(function* (units) {
      const now = Effect.forEach(units, ({ after, name }) =>
        Effect.map(observation(filesOf(name), after), (found) => [name, found] as const),
      )
      const found = yield* now
      if (found.some(([, one]) => one.state === "unknown" || one.state === "ended" || ("lines" in one && one.lines[0])))
        return new Map(found)
      yield* Effect.sleep(WAIT_MS)
      return new Map(yield* now)
    }, Effect.mapError(fail))

    const cancel: Connection<FileSystem.FileSystem>["cancel"] = Effect.fnUntraced(function* (unit) {
      const files = filesOf(unit)
      const { state } = yield* observation(files, 0)
      if (state === "unknown" || state === "ended") return
      yield* files.write("cancelled", "")
      yield* stop((yield* files.read("job"))!)
    }, Effect.mapError(fail))

    const collect: Connection<FileSystem.FileSystem>["collect"] = Effect.fnUntraced(
      function* (unit) {
        const { lines, path } = filesOf(unit.name)
        const ids = recordsIn(yield* lines)
        yield* fs.makeDirectory(join(raw, ".."), { recursive: true })
        // A copy, so that what is here stays; beside the records, as it is moved from there at once.
        const incoming = yield* fs.makeTempDirectoryScoped({ directory: join(raw, ".."), prefix: ".incoming-" })
        for (const id of ids) {
          yield* fs.copy(join(path, "records", basename(id)), join(incoming, basename(id)))
          yield* adoptRecord(workspace, join(incoming, basename(id)))
        }
        return ids
      },
      Effect.scoped,
      Effect.mapError(fail),
    )

    return { facts, check, submit, observe, cancel, collect }
  }),
}
