import { absent, type Environment, type Measured, measured, VERSION } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import os from "node:os"
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

const revision = (folder: string): Effect.Effect<Environment["git"]> =>
  Effect.gen(function* () {
    const git = (...args: ReadonlyArray<string>) => shortCommand("git", ["-C", folder, ...args])
    const { stdout: commit } = yield* git("rev-parse", "HEAD")
    const { stdout: changes } = yield* git("status", "--porcelain", "--", ":/", ...GENERATED)
    return { commit: commit.trim(), dirty: changes.trim() !== "" }
  }).pipe(Effect.orElseSucceed(() => ({ absent: "the workspace is not a git checkout with a commit" })))
