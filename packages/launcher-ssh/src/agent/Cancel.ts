import { existsSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
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
  const [queue, worker] = [at(name, "begun"), at(name, "worker.pid")]
  let isInterrupted = false
  for (const start = Date.now(); endingOf(name) === undefined; await sleep(50)) {
    // Nobody has begun it, and whoever would finds that it is cancelled; or nobody is left who would report its end.
    if (!runs(queue) && !runs(worker)) end(name, { code: null, signal: null, cancelled: true })
    else if (Date.now() - start > GRACE_MS) await stopAll(name)
    else if (runs(worker) && !isInterrupted) {
      isInterrupted = true
      signalTo(Number(read(worker)!.split(" ")[0]), "SIGINT")
    }
  }
  await stopAll(name)
  return {}
}
