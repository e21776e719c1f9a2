/**
 * Renders a workspace's registry in a process of its own, from the records' files to those of the registry as
 * `rigbook registry` does, and says what it took. Arguments: reporters, parted by commas, and the workspace's folder.
 */
import { NodeServices } from "@effect/platform-node"
import { readRecords, workspaceAt } from "@rigbook/records"
import { renderRegistry, writeRegistry } from "@rigbook/registry"
import { csv, html, json, markdown } from "@rigbook/reporters"
import { Effect } from "effect"
import { statSync } from "node:fs"

const [ids = "", root = ""] = process.argv.slice(2)
const workspace = workspaceAt(root, { rigbook: 1 })
const reporters = ids.split(",").map((id) => [csv, html, json, markdown].find((candidate) => candidate.id === id)!)

/** Each model has its records. */
const nothingPlanned = () => Effect.succeed({ planned: [], issues: [] })

const measured = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const [from, cpu] = [performance.now(), process.cpuUsage()]
    const value = yield* effect
    const ms = performance.now() - from
    const { system, user } = process.cpuUsage(cpu)
    return { value, ms, cpuMs: (user + system) / 1000 }
  })

const program = Effect.gen(function* () {
  const { value: records, ...read } = yield* measured(readRecords(workspace.raw))
  const { value: files, ...render } = yield* measured(
    Effect.gen(function* () {
      const rendered = yield* renderRegistry(workspace, reporters, nothingPlanned, { read: Effect.succeed(records) })
      yield* writeRegistry(rendered.files)
      return rendered.files
    }),
  )
  const bytes = files.reduce((sum, { path }) => sum + statSync(path).size, 0)
  console.log(JSON.stringify({ records: records.records.length, read, render, bytes }))
})
await Effect.runPromise(program.pipe(Effect.provide(NodeServices.layer)))
