import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jobsOf, partitionsOf } from "../src/Cluster.ts"
import { type Commands, isAway, Refusal } from "../src/Commands.ts"

describe("what Slurm's commands say", () => {
  it("is about the controller, or about what was requested", () => {
    for (const said of [
      "slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
      "slurm_load_jobs error: Connection reset by peer",
      "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
      "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
      "sbatch: error: Batch job submission failed: Transport endpoint is not connected",
      "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying",
      "slurm_load_partitions: Slurm backup controller in standby mode",
    ])
      assert.isTrue(isAway(said), said)
    for (const said of [
      "sbatch: error: Batch job submission failed: Requested node configuration is not available",
      "sbatch: error: invalid partition specified: none",
      "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
    ])
      assert.isFalse(isAway(said), said)
  })

  it.effect("when they can't list, whatever it is, is no defect: the cluster can't be reached now", () =>
    Effect.gen(function* () {
      const broken: Commands = { host: "cluster", run: () => Effect.fail(new Refusal("slurm_load: something new")) }
      for (const list of [jobsOf(broken, new Map(), ["rigbook-1-a1"]), partitionsOf(broken)]) {
        const failure = yield* Effect.flip(
          list as Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>,
        )
        assert.strictEqual(failure._tag, "HostAway")
        assert.include(failure.message, "something new")
      }
    }),
  )
})
