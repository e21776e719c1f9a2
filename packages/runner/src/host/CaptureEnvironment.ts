import { absent, type Environment, type Measured, measured, VERSION } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import os from "node:os"
import { dirname, join } from "node:path"
import { availableMemory } from "./CaptureHost.ts"
import { UsageReader } from "./UsageReader.ts"

/**
 * The state of the machine and of the workspace before an engine starts. Takes 400 ms: it samples the processor's load.
 */
export const captureEnvironment = Effect.fn("CaptureEnvironment.captureEnvironment")(function* (
  workspace: string,
): Effect.fn.Return<Environment> {
  const busy = yield* busyShare
  return {
    rigbook: VERSION,
    node: process.versions.node,
    loadAverage: os.loadavg()[0]!,
    busy,
    freeMemoryBytes: availableMemory(),
    git: yield* revision(workspace),
  }
})

/** Share of all cores that is busy during the wait. */
const busyShare: Effect.Effect<Measured> = Effect.gen(function* () {
  const { host } = yield* UsageReader
  const before = host()
  yield* Effect.sleep("400 millis")
  const after = host()
  return before !== undefined && after !== undefined && after.totalMs > before.totalMs
    ? measured((after.busyMs - before.busyMs) / (after.totalMs - before.totalMs))
    : absent("the system does not report how busy its processor is")
})

/** Pathspecs without what runs and the registry write themselves: that changes no figure. */
const GENERATED = ["benchmarks/results", "models/*.md", "models/plots", "models/registry.*"].map(
  (path) => `:(exclude,glob)${path}`,
)

const NO_COMMIT = { absent: "the workspace is not a git checkout with a commit" }

const revision = (folder: string): Effect.Effect<Environment["git"]> =>
  Effect.gen(function* () {
    if (!isInCheckout(folder)) return NO_COMMIT
    const args = ["-C", folder, "status", "--porcelain=v2", "--branch", "--", ":/", ...GENERATED]
    const { stdout } = yield* shortCommand("git", args)
    const commit = /^# branch\.oid ([0-9a-f]+)$/m.exec(stdout)?.[1]
    return commit === undefined ? NO_COMMIT : { commit, dirty: /^[^#]/m.test(stdout) }
  }).pipe(Effect.orElseSucceed(() => NO_COMMIT))

/** Whether git may find a checkout: elsewhere no process is started for each cell. */
const isInCheckout = (folder: string): boolean => {
  if (process.env["GIT_DIR"] !== undefined || existsSync(join(folder, ".git"))) return true
  return dirname(folder) !== folder && isInCheckout(dirname(folder))
}
