import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { type LaunchUnit, UNIT_NODES, unitNodes } from "@rigbook/core"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { withoutSteering } from "../src/Commands.ts"
import { placeFlags, quoted, scriptOf, submitFlags } from "../src/Script.ts"
import { minutesOf } from "../src/Time.ts"

const NASTY = `a b|c'd"e$(touch x)\`y\`;&\n*`

describe("a unit's script", () => {
  it("hands paths to the shell as they are, whatever is in them", () => {
    assert.strictEqual(execFileSync("bash", ["-c", `printf %s ${quoted(NASTY)}`], { encoding: "utf8" }), NASTY)
    const job = { choice: {}, folder: `/f/${NASTY}`, root: "/r", node: NASTY, entry: NASTY, env: { HOME: NASTY } }
    for (const nodes of [1, 2])
      execFileSync("bash", ["-n"], { input: scriptOf({ shape: { nodes, gpus: 0, seconds: 1 } }, job) })
  })

  it("hands the nodes of a job to its worker, each with the step that starts a program there", () => {
    const folder = mkdtempSync(join(tmpdir(), "rigbook-script-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const program = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    program(
      "scontrol",
      `[ "$1" = show ] && printf 'box1\\nbox2\\n' || echo "NodeName=$4 NodeAddr=10.0.0.$(echo $4 | tail -c 2) Port=1"`,
    )
    program("srun", `echo "$RIGBOOK_UNIT_NODES"; echo "$*" > ${folder}/words`)
    writeFileSync(join(folder, "unit.json"), "{}")
    const shape = { nodes: 2, gpus: 1, gpu: "h100", seconds: 1 }
    const job = { choice: {}, folder, root: "/r", node: "node", entry: "entry", env: {} }
    execFileSync("bash", {
      input: scriptOf({ shape }, job),
      env: { PATH: `${folder}:/usr/bin:/bin`, SLURM_JOB_NODELIST: "box[1-2]" },
    })
    const found = unitNodes({ [UNIT_NODES]: readFileSync(join(folder, "events.ndjson"), "utf8") })
    assert.strictEqual(found?.address, "10.0.0.1")
    const [{ address, name, start }, ...others] = found!.others
    assert.deepInclude({ address, name, others }, { address: "10.0.0.2", name: "box2", others: [] })
    assert.includeMembers([...start], ["srun", "--nodes=1", "--gres=gpu:h100:1", "--nodelist=box2"])
    assert.match(
      readFileSync(join(folder, "words"), "utf8"),
      /^--nodes=1 --ntasks=1 --nodelist=box1 .*worker --records/,
    )
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
