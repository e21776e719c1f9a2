import { spawn } from "node:child_process"
import { closeSync, existsSync, openSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { isQueueRunning, leaveQueue, takeQueue } from "./Lock.ts"
import { nameOf, runs, stopAll } from "./Processes.ts"
import { at, end, type Ending, endingOf, HOME, read, unitNames, write } from "./Unit.ts"

/** Units that have not begun, the one that was submitted first at first. */
const pending = (): ReadonlyArray<string> =>
  unitNames()
    .filter(
      (name) =>
        existsSync(at(name, "unit.json")) && !existsSync(at(name, "worker.pid")) && endingOf(name) === undefined,
    )
    .map((name) => ({ name, since: Number(read(at(name, "submitted"))) }))
    .toSorted((a, b) => a.since - b.since)
    .map(({ name }) => name)

/** Units whose worker still runs, though what started it may not. */
const running = (): ReadonlyArray<string> =>
  unitNames().filter((name) => endingOf(name) === undefined && runs(at(name, "worker.pid")))

/**
 * Ends units whose worker ended with whoever would have reported it, such as when the machine was restarted, and what such a
 * worker has left running.
 */
const endVanished = async (): Promise<void> => {
  for (const name of unitNames())
    if (endingOf(name) === undefined && existsSync(at(name, "worker.pid")) && !runs(at(name, "worker.pid"))) {
      await stopAll(name)
      const isCancelled = existsSync(at(name, "cancelled"))
      end(name, { code: null, signal: null, ...(isCancelled ? { cancelled: true } : { lost: true }) })
    }
}

/** Starts a process that carries units out, if there are any and none does. */
export const ensureQueue = (): void => {
  if (pending().length === 0 || isQueueRunning()) return
  spawn(process.execPath, [process.argv[1]!, HOME, "queue"], { detached: true, stdio: "ignore" }).unref()
}

/** Carries pending units out, one after the other, until there are none. */
export const queue = async (): Promise<void> => {
  while (pending().length > 0 && takeQueue()) {
    try {
      for (let [next] = pending(); next !== undefined; [next] = pending()) {
        // A worker whose queue was killed: nothing may run beside it.
        if (running().length > 0) {
          await sleep(500)
          continue
        }
        await endVanished()
        await carryOut(next)
      }
    } finally {
      leaveQueue()
    }
  }
}

const carryOut = async (name: string): Promise<void> => {
  // A queue that was killed before it had written down its worker.
  await stopAll(name)
  // Whoever cancels it from now on waits for its worker; before that, this one finds that it is cancelled.
  write(at(name, "begun"), nameOf(process.pid))
  if (existsSync(at(name, "cancelled"))) return end(name, { code: null, signal: null, cancelled: true })
  const { entry, root } = JSON.parse(read(at(name, "place.json"))!) as { entry: string; root: string }
  const [input, events, log] = [
    openSync(at(name, "unit.json"), "r"),
    openSync(at(name, "events.ndjson"), "a"),
    openSync(at(name, "worker.log"), "a"),
  ]
  const worker = spawn(process.execPath, [entry, "worker"], {
    cwd: root,
    detached: true,
    stdio: [input, events, log],
    env: { ...process.env, RIGBOOK_UNIT: name, NO_COLOR: "1" },
  })
  const over = new Promise<Ending>((resolve) => {
    worker.once("error", () => resolve({ code: 127, signal: null }))
    worker.once("close", (code, signal) => resolve({ code, signal }))
  })
  if (worker.pid !== undefined) write(at(name, "worker.pid"), nameOf(worker.pid))
  for (const file of [input, events, log]) closeSync(file)
  const ending = await over
  await stopAll(name)
  end(name, existsSync(at(name, "cancelled")) ? { ...ending, cancelled: true } : ending)
}

/** A unit whose worker is gone without having reported its end. */
export const hasVanished = (name: string): boolean =>
  existsSync(at(name, "worker.pid")) &&
  !runs(at(name, "worker.pid")) &&
  endingOf(name) === undefined &&
  !isQueueRunning()
