import { assert, describe, it } from "@effect/vitest"
import { type Job, whereIs } from "../src/State.ts"

const job = (state: string, change: Partial<Job> = {}): Job => ({
  id: "7",
  name: "rigbook-0123456789abcdef-a1",
  state,
  reason: "",
  nodes: "box1",
  ...change,
})

/** What Slurm reports, and where the unit is then. */
const TABLE: ReadonlyArray<readonly [Job, string, RegExp?]> = [
  [job("COMPLETED", { exitCode: 0 }), "done"],
  [job("FAILED", { exitCode: 1 }), "done"],
  [job("FAILED", { exitCode: 3 }), "failed", /^Job 7 on box1 ended with exit code 3\.$/],
  [job("FAILED", { exitCode: 130 }), "stopped"],
  [job("FAILED", { exitCode: 143 }), "stopped"],
  [job("FAILED", { exitCode: 75 }), "stopped"],
  [job("FAILED", { exitCode: 0, signal: 9 }), "stopped", /signal 9/],
  // The script has caught the signal, so its exit code says nothing.
  [job("TIMEOUT", { exitCode: 0 }), "stopped", /time limit/],
  [job("DEADLINE"), "stopped"],
  [job("OUT_OF_MEMORY", { exitCode: 0, signal: 125 }), "failed", /memory ran out/],
  [job("NODE_FAIL"), "lost", /its node failed on box1/],
  [job("BOOT_FAIL"), "lost"],
  [job("PREEMPTED"), "lost"],
  [job("REVOKED"), "lost"],
  [job("CANCELLED"), "cancelled"],
  [job("RUNNING"), "running"],
  [job("COMPLETING"), "running"],
  [job("SUSPENDED"), "running"],
  // What another version may have.
  [job("SOME_NEW_STATE"), "running"],
  [job("PENDING", { nodes: "", reason: "Resources" }), "waiting", /no node is free/],
  [job("PENDING", { nodes: "", reason: "PartitionTimeLimit" }), "waiting", /longer than its partition allows/],
  [job("PENDING", { nodes: "", reason: "DependencyNeverSatisfied" }), "waiting", /it never runs/],
  [job("PENDING", { nodes: "", reason: "ReqNodeNotAvail" }), "waiting"],
  [job("PENDING", { nodes: "", reason: "QOSGrpGRES" }), "waiting", /Slurm says QOSGrpGRES/],
  [job("PENDING", { nodes: "", reason: "" }), "waiting", /Slurm says nothing/],
  [job("PENDING", { nodes: "", reason: "launch_failed_requeued_held" }), "stuck"],
  [job("PENDING", { nodes: "", reason: "launch failed requeued held" }), "stuck"],
]

describe("where a unit is, by its job", () => {
  for (const [row, expected, detail] of TABLE)
    it(`${row.state} ${row.reason} ${row.exitCode ?? ""}:${row.signal ?? ""} is ${expected}`, () => {
      const where = whereIs(row)
      assert.strictEqual(where.state === "ended" ? where.outcome : where.state, expected)
      if (detail !== undefined) assert.match("detail" in where ? (where.detail ?? "") : "", detail)
    })
})
