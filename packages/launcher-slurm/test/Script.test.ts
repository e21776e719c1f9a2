import { assert, describe, it } from "@effect/vitest"
import type { LaunchUnit } from "@rigbook/core"
import { execFileSync } from "node:child_process"
import { withoutSteering } from "../src/Commands.ts"
import { placeFlags, quoted, scriptOf, submitFlags } from "../src/Script.ts"
import { minutesOf } from "../src/Time.ts"

const NASTY = `a b|c'd"e$(touch x)\`y\`;&\n*`

describe("a unit's script", () => {
  it("hands paths to the shell as they are, whatever is in them", () => {
    assert.strictEqual(execFileSync("bash", ["-c", `printf %s ${quoted(NASTY)}`], { encoding: "utf8" }), NASTY)
    const script = scriptOf({
      choice: {},
      folder: `/f/${NASTY}`,
      root: "/r",
      node: NASTY,
      entry: NASTY,
      env: { HOME: NASTY },
    })
    execFileSync("bash", ["-n"], { input: script })
  })

  it("requests one node alone, GPUs of it, and time to be interrupted in", () => {
    const shape = { nodes: 1, gpus: 2, gpu: "rtx5090", seconds: 600 }
    assert.deepStrictEqual(placeFlags(shape, { partition: "gpu" }), [
      "--partition=gpu",
      "--nodes=1",
      "--ntasks-per-node=1",
      "--exclusive",
      "--mem=0",
      "--gres=gpu:rtx5090:2",
      "--time=14",
    ])
    assert.notInclude(placeFlags({ nodes: 1, gpus: 0, seconds: 1 }, {}).join(" "), "gres")
    assert.include(placeFlags({ nodes: 1, gpus: 1, seconds: 1 }, { gpu: "h100" }), "--gres=gpu:h100:1")
    assert.isAtLeast(minutesOf(1) * 60, 181)
  })

  it("takes nothing of this environment with it, and is never started again by Slurm", () => {
    const unit = { name: "rigbook-0123456789abcdef-a1", shape: { nodes: 1, gpus: 0, seconds: 1 } } as LaunchUnit
    const flags = submitFlags(unit, { choice: {}, folder: "/f", root: "/r", node: "n", entry: "e", env: {} })
    assert.includeMembers([...flags], ["--export=NIL", "--no-requeue", "--job-name=rigbook-0123456789abcdef-a1"])
  })
})

describe("the environment of Slurm's commands", () => {
  it("keeps the cluster's config, and nothing that changes what they do or print", () => {
    const env = {
      PATH: "/bin",
      SLURM_CONF: "/c",
      SLURM_JWT: "secret",
      SQUEUE_FORMAT: "%i",
      SBATCH_PARTITION: "x",
      SLURM_CLUSTERS: "y",
    }
    assert.deepStrictEqual(withoutSteering(env), { PATH: "/bin", SLURM_CONF: "/c" })
  })
})
