import { report } from "@rigbook/core"
import { endOrphans, removeLeftovers } from "@rigbook/core/engine"
import type { Workspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"

/**
 * Ends engines that a killed run has left behind, and reports them as `Progress`; removes from a workspace, and from the
 * folders of `interrupted` runs, the files that one was writing. Nothing of a living process, and no stranger's.
 */
export const clearLeftovers = Effect.fn("Leftovers.clearLeftovers")(function* (
  { configs, imported, models, notes, raw, reports, root }: Workspace,
  interrupted: ReadonlyArray<string>,
) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.ignore(fs.remove(join(dirname(raw), "run.lock"), { force: true })) // an earlier version's, which holds nothing
  const folders = [root, models, join(models, "plots"), configs, notes, dirname(raw), imported, reports, ...interrupted]
  yield* Effect.forEach(folders, removeLeftovers, { discard: true })
  for (const { name, pid } of yield* endOrphans)
    yield* report({ step: `${name} (process ${pid})`, detail: "ended: an interrupted run had left it", finished: true })
})
