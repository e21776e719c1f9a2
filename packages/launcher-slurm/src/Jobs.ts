import type { Job } from "./State.ts"

/** Fields of `squeue -O`, each up to a bar: without a size Slurm cuts them off at 20 characters. */
export const SQUEUE_FIELDS = ["JobID", "Name", "State", "Reason", "NodeList", "exit_code"]
  .map((field) => `${field}:|`)
  .join(",")

export const SACCT_FIELDS = "JobIDRaw,JobName,State,ExitCode,NodeList"

const rows = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.split("|").map((field) => field.trim()))

const word = (state: string): string => state.split(/[\s+]/)[0]!.toUpperCase()

/** `(null)` and `None assigned` are how Slurm says nothing. */
const said = (field: string | undefined): string =>
  field === undefined || /^(\(null\)|None assigned|n\/a)?$/i.test(field) ? "" : field

/** Jobs in what `squeue` prints. Its exit code is a wait status: 768 is exit code 3, 9 is signal 9. Pure. */
export const fromSqueue = (text: string): ReadonlyArray<Job> =>
  rows(text).flatMap(([id, name, state, reason, nodes, status]) => {
    if (id === undefined || !/^\d/.test(id) || name === undefined || state === undefined) return []
    const wait = Number(status)
    const isOver = Number.isInteger(wait) && status !== ""
    return [
      {
        id,
        name,
        state: word(state),
        reason: said(reason),
        nodes: said(nodes),
        ...(isOver ? { exitCode: wait >> 8, signal: wait & 0x7f } : {}),
      },
    ]
  })

/** Jobs in what `sacct -P` prints; `ExitCode` is `CODE:SIGNAL`. Pure. */
export const fromSacct = (text: string): ReadonlyArray<Job> =>
  rows(text).flatMap(([id, name, state, exit, nodes]) => {
    if (id === undefined || !/^\d/.test(id) || name === undefined || state === undefined) return []
    const [code, signal] = (exit ?? "").split(":").map(Number)
    return [
      {
        id,
        name,
        state: word(state),
        reason: "",
        nodes: said(nodes),
        ...(code !== undefined && Number.isInteger(code) ? { exitCode: code } : {}),
        ...(signal !== undefined && Number.isInteger(signal) ? { signal } : {}),
      },
    ]
  })

/**
 * The one job of each name: the one that was submitted, else the latest. `squeue` comes first, as it is fresh: a row of
 * `sacct` may be seconds old, and then reports the exit code of a job that still runs. Pure.
 */
export const byName = (
  queued: ReadonlyArray<Job>,
  accounted: ReadonlyArray<Job>,
  submitted: ReadonlyMap<string, string>,
): ReadonlyMap<string, Job> => {
  const found = new Map<string, Job>()
  for (const jobs of [accounted, queued])
    for (const [name, all] of Map.groupBy(jobs, (job) => job.name)) {
      const own = submitted.get(name)
      const job =
        own === undefined
          ? all.toSorted((a, b) => Number(b.id) - Number(a.id))[0]
          : all.findLast(({ id }) => id === own)
      if (job !== undefined) found.set(name, job)
    }
  return found
}
