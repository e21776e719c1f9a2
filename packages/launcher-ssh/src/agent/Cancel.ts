import { existsSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { isQueueRunning } from "./Lock.ts"
import { runs, signalTo, stopAll } from "./Processes.ts"
import { hasVanished } from "./Queue.ts"
import { at, end, endingOf, read, write } from "./Unit.ts"

/** How long a worker may take to end by itself, with its engine, after it was interrupted. */
const GRACE_MS = 15_000

/** Cancels a unit, and returns when nothing of it runs. */
export const cancel = async ({ name }: { readonly name: string }): Promise<object> => {
  if (!existsSync(at(name)) || endingOf(name) !== undefined) return {}
  if (hasVanished(name)) {
    await stopAll(name)
    return {}
  }
  write(at(name, "cancelled"), "")
  const pid = Number((read(at(name, "worker.pid")) ?? "").split(" ")[0])
  if (pid > 0 && runs(at(name, "worker.pid"))) signalTo(pid, "SIGINT")
  const start = Date.now()
  while (endingOf(name) === undefined) {
    await sleep(50) // the queue may be starting it: from now on it has a worker, or is never started
    const begun = existsSync(at(name, "worker.pid"))
    if (!begun || (!runs(at(name, "worker.pid")) && !isQueueRunning()))
      end(name, { code: null, signal: null, cancelled: true })
    else if (Date.now() - start > GRACE_MS) await stopAll(name)
  }
  await stopAll(name)
  return {}
}
