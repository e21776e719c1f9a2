import { Effect } from "effect"
import os from "node:os"
import { absent, measured, type Measured } from "../Measured.ts"
import { shortCommand } from "../process/ShortCommand.ts"
import { VERSION } from "../Version.ts"
import { availableMemory } from "./CaptureHost.ts"
import type { Environment } from "./Environment.ts"

/** The state of the machine and of the workspace before an engine starts. Takes 400 ms: it watches the processor. */
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

/** Share of all cores that is busy while we wait. */
const busyShare: Effect.Effect<Measured> = Effect.gen(function* () {
  const before = cpuTimes()
  yield* Effect.sleep("400 millis")
  const after = cpuTimes()
  const total = after.total - before.total
  return total > 0
    ? measured(1 - (after.idle - before.idle) / total)
    : absent("the system does not tell how busy its processor is")
})

const cpuTimes = (): { readonly idle: number; readonly total: number } => {
  let idle = 0
  let total = 0
  for (const { times } of os.cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { idle, total }
}

const revision = (folder: string): Effect.Effect<Environment["git"]> =>
  Effect.gen(function* () {
    const git = (...args: ReadonlyArray<string>) => shortCommand("git", ["-C", folder, ...args])
    const { stdout: commit } = yield* git("rev-parse", "HEAD")
    const { stdout: changes } = yield* git("status", "--porcelain")
    return { commit: commit.trim(), dirty: changes.trim() !== "" }
  }).pipe(Effect.orElseSucceed(() => ({ absent: "the workspace is no git checkout with a commit" })))
