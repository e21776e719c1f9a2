import type { MissingFile } from "@rigbook/core"
import { type Workspace, workspaceAt } from "@rigbook/records"
import { cellsToRun, type PlannedCell, unitsOf } from "@rigbook/runner"
import { DateTime, Effect } from "effect"
import { connectNamed } from "../hosts/Connect.ts"

/** A host that a plan is made for, as it is now. */
export type PlannedHost = Effect.Success<ReturnType<typeof planOn>>

/** Connects to a host and reads its facts again. */
export const planOn = Effect.fn("PlanOn.planOn")(function* (workspace: Workspace | undefined, name: string) {
  const { raw, root } = workspace ?? workspaceAt(process.cwd(), { rigbook: 1 })
  const { connected, facts } = yield* connectNamed(name, { raw, root }, true)
  const connection = yield* connected
  /** Files of the models that the host does not have, each once. */
  const copies = Effect.fnUntraced(function* <R>(planned: ReadonlyArray<PlannedCell<R>>) {
    const startedAt = DateTime.formatIso(yield* DateTime.now)
    const units = unitsOf(cellsToRun(planned), { startedAt, fresh: false, rounds: 1, planned })
    const files = yield* Effect.forEach(units, (unit) => connection.missing?.(unit) ?? Effect.succeed([]))
    return [...new Map(files.flat().map((file) => [file.path, file])).values()] as ReadonlyArray<MissingFile>
  })
  return { name, facts, copies }
})

/** What has to be copied before anything can run there, and how much. */
export const copiesPage = (name: string, files: ReadonlyArray<MissingFile>): string => {
  if (files.length === 0) return `\nNothing has to be copied to ${name}.`
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  return [
    "",
    `rigbook run --on ${name} copies ${sizeText(total)} there first:`,
    ...files.map(({ bytes, path }) => `  ${path}  ${sizeText(bytes)}`),
  ].join("\n")
}

const sizeText = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
