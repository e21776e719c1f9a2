import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { nameOf, runs } from "./Processes.ts"
import { HOME, read } from "./Unit.ts"

/** Names the process that carries units out. */
const LOCK = join(HOME, "queue.pid")

/** Whether a process carries units out. */
export const isQueueRunning = (): boolean => runs(LOCK)

/** Gives a file a second name, unless there is one of that name. */
const isLinked = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch {
    return false
  }
}

/**
 * Takes the queue, unless another process has it. A lock is a complete file from the first moment. One whose process has
 * ended is moved aside, which only one succeeds in, and checked once more: it may have been taken meanwhile.
 */
export const takeQueue = (): boolean => {
  const own = `${LOCK}.${process.pid}`
  const aside = `${own}.old`
  writeFileSync(own, nameOf(process.pid))
  try {
    if (isLinked(own, LOCK)) return true
    if (runs(LOCK)) return false
    renameSync(LOCK, aside)
    if (!runs(aside)) return isLinked(own, LOCK)
    isLinked(aside, LOCK)
    return false
  } catch {
    return false // another has moved it aside
  } finally {
    for (const file of [own, aside]) rmSync(file, { force: true })
  }
}

export const leaveQueue = (): void => {
  if (read(LOCK) === nameOf(process.pid)) rmSync(LOCK, { force: true })
}
