import { Effect } from "effect"
import { spawn } from "node:child_process"

/** Where a unit runs: its folder, the workspace, and the file of Rigbook that Node runs. */
export interface Job {
  readonly folder: string
  readonly root: string
  readonly entry: string
}

/** Longest wait for a worker to end by itself, with its engine. */
const GRACE_MS = 15_000
const POLL_MS = 50

/**
 * Waits its turn, runs the worker unless another job of the unit has begun, and leaves its exit code. Paths come as
 * variables: nothing in them has to be quoted.
 */
const SCRIPT = `exec flock "$FOLDER/../queue" sh -c '
  set -C; : > "$FOLDER/begun" || exit; set +C
  cd "$ROOT"
  "$NODE" "$ENTRY" worker --records "$FOLDER/records" < "$FOLDER/unit.json" > "$FOLDER/lines.ndjson" 2> "$FOLDER/log"
  echo $? > "$FOLDER/exit.partial" && mv "$FOLDER/exit.partial" "$FOLDER/exit"'`

/** Starts a unit, as a group of processes that runs on without this program. Returns what it is found by. */
export const start = ({ entry, folder, root }: Job): Effect.Effect<string, Error> =>
  Effect.tryPromise({
    try: () =>
      new Promise<string>((resolve, reject) => {
        const env = { ...process.env, FOLDER: folder, ROOT: root, NODE: process.execPath, ENTRY: entry, NO_COLOR: "1" }
        const job = spawn("sh", ["-c", SCRIPT], { detached: true, stdio: "ignore", env })
        job.once("error", reject)
        job.once("spawn", () => {
          job.unref()
          resolve(String(job.pid))
        })
      }),
    catch: (cause) => new Error("It can't be started.", { cause }),
  })

/** Whether a process of the job still runs. Numbers are used again: a scheduler's own names of jobs are better. */
export const isAlive = (job: string): boolean => signal(job, 0)

/** Ends a job. When it returns, nothing of it runs any more. */
export const stop = Effect.fn("Job.stop")(function* (job: string) {
  for (let waited = 0; isAlive(job); waited += POLL_MS) {
    signal(job, waited < GRACE_MS ? "SIGINT" : "SIGKILL")
    yield* Effect.sleep(POLL_MS)
  }
})

const signal = (job: string, name: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-Number(job), name)
    return true
  } catch {
    return false // it has ended
  }
}
