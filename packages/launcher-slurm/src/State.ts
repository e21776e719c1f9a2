import type { Outcome } from "@rigbook/core"

/** A job as Slurm reports it, by `squeue` or later by `sacct`. */
export interface Job {
  readonly id: string
  readonly name: string
  /** Its state in capitals, without what follows: of `CANCELLED by 0` it is `CANCELLED`. */
  readonly state: string
  /** Why it waits; empty if unknown. */
  readonly reason: string
  readonly nodes: string
  /** Of the batch script; left out while it runs. */
  readonly exitCode?: number
  /** The signal that ended it; 0 if none did. */
  readonly signal?: number
}

/** Where a job is: what `Observation` says, without the worker's lines. */
export type Where =
  | { readonly state: "waiting"; readonly detail: string }
  | { readonly state: "running" }
  | { readonly state: "ended"; readonly outcome: Outcome; readonly detail?: string }
  /** It will never run: it has to be cancelled, and is lost then. */
  | { readonly state: "stuck"; readonly detail: string }

/** Exit code of a worker that was interrupted and has kept what it measured. */
const INTERRUPTED = 130
/** Exit code by which a program says: try again later (sysexits' EX_TEMPFAIL). */
const TEMPORARY = 75

/** Why a job waits, for people. A reason that is missing here is shown as Slurm names it. */
const REASONS: Readonly<Record<string, string>> = {
  None: "Slurm has not considered it yet",
  Priority: "jobs with a higher priority are before it",
  Resources: "no node is free for it",
  BeginTime: "its begin time has not come",
  Dependency: "a job that it depends on has not ended",
  DependencyNeverSatisfied: "a job that it depends on has failed: it never runs",
  PartitionTimeLimit: "it is longer than its partition allows: it never runs",
  PartitionNodeLimit: "it needs more nodes than its partition has",
  PartitionConfig: "its partition does not allow it",
  PartitionDown: "its partition is down",
  PartitionInactive: "its partition is inactive",
  ReqNodeNotAvail: "the nodes it needs are down or reserved",
  Reservation: "it waits for its reservation",
  JobHeldUser: "its owner holds it: scontrol release",
  JobHeldAdmin: "an administrator holds it",
  BadConstraints: "no node has what it needs: it never runs",
  Licenses: "it waits for a license",
  QOSMaxJobsPerUserLimit: "you already run as many jobs as allowed",
  QOSMaxGRESPerUser: "you already use as many GPUs as allowed",
  AssocGrpGRES: "your account already uses as many GPUs as allowed",
  AssocMaxJobsLimit: "your account already runs as many jobs as allowed",
  NodeDown: "a node that it needs is down",
}

const RUNNING = new Set([
  "RUNNING",
  "CONFIGURING",
  "COMPLETING",
  "SIGNALING",
  "STAGE_OUT",
  "RESIZING",
  "STOPPED",
  "SUSPENDED",
])
const LOST: Readonly<Record<string, string>> = {
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node did not boot",
  PREEMPTED: "a job with a higher priority took its node",
  REVOKED: "it was moved to another cluster",
  REQUEUED: "Slurm queued it again",
  REQUEUE_FED: "Slurm queued it again",
  SPECIAL_EXIT: "Slurm queued it again",
}

/** Where a job is, from its row. What the worker measured decides only whether a complete job is done. Pure. */
export const whereIs = (job: Job): Where => {
  const { exitCode = 0, id, nodes, reason, signal = 0, state } = job
  const on = nodes === "" ? "" : ` on ${nodes}`
  if (state === "PENDING") {
    if (/held/i.test(reason) && /launch.failed/i.test(reason))
      return { state: "stuck", detail: `Job ${id} could not be started, and Slurm holds it.` }
    return { state: "waiting", detail: `Job ${id}: ${REASONS[reason] ?? `Slurm says ${reason || "nothing"}`}.` }
  }
  if (RUNNING.has(state)) return { state: "running" }
  const lost = LOST[state]
  if (lost !== undefined) return { state: "ended", outcome: "lost", detail: `Job ${id}: ${lost}${on}.` }
  const ended = (outcome: Outcome, detail: string): Where => ({
    state: "ended",
    outcome,
    detail: `Job ${id}${on} ${detail}`,
  })
  switch (state) {
    case "COMPLETED":
      return { state: "ended", outcome: "done" }
    case "TIMEOUT":
    case "DEADLINE":
      return ended("stopped", "was ended by its time limit.")
    case "OUT_OF_MEMORY":
      return ended("failed", "was ended because memory ran out.")
    case "CANCELLED":
      return ended("cancelled", "was cancelled.")
    case "FAILED":
      if (signal !== 0) return ended("stopped", `was ended by signal ${signal}.`)
      // The worker's own: a record is invalid, which is a result.
      if (exitCode === 1) return { state: "ended", outcome: "done" }
      return exitCode === INTERRUPTED || exitCode === TEMPORARY || exitCode > 128
        ? ended("stopped", `ended early, with exit code ${exitCode}.`)
        : ended("failed", `ended with exit code ${exitCode}.`)
    default:
      return { state: "running" }
  }
}
