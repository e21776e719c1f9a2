import { NodeServices } from "@effect/platform-node"
import { afterEach, assert, it, vi } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fakeUnits } from "../../testkit/src/launcher/FakeUnits.ts"
import { slurm } from "../src/Slurm.ts"

afterEach(() => void vi.unstubAllEnvs())

/** Commands of a Slurm whose `sbatch` takes a second until it has accepted a job, which nobody can list before. */
const slowSlurm = () => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-slurm-"))
  const command = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\ncd ${folder}\n${text}\n`, { mode: 0o755 })
  command("sinfo", "echo 'cpu*|infinite|1|(null)'")
  command(
    "sbatch",
    "for word; do case $word in --job-name=*) name=${word#*=} ;; esac; done; : > begun; sleep 1; echo $name > job; echo 7",
  )
  command(
    "squeue",
    '[ -e job ] && echo "7|$(cat job)|$([ -e over ] && echo CANCELLED || echo RUNNING)|None|cpu1|0|"; true',
  )
  command("sacct", "exit 1")
  command("scancel", ": > over")
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`)
  return (name: string) => existsSync(join(folder, name))
}

it.live("a unit that is cancelled while it is submitted does not run afterwards, whoever submits it", () =>
  Effect.gen(function* () {
    const has = slowSlurm()
    const { short, workspace } = yield* fakeUnits
    const { raw, root } = workspace
    const connect = slurm.connect({
      name: "cluster",
      address: "",
      workspace: { raw, root },
      program: { entry: "", plugins: [] },
    })
    const [submitter, other] = [yield* connect, yield* connect]
    const one = short(1)
    const submitting = yield* Effect.forkScoped(submitter.submit(one))
    while (!has("begun")) yield* Effect.sleep(10)
    yield* other.cancel(one.name)
    assert.isTrue(has("over"), "when it returns, the job is cancelled, though it was not listed at first")
    yield* Fiber.join(submitting)
    const found = yield* other.observe([{ name: one.name, after: 0 }])
    assert.deepInclude(found.get(one.name), { state: "ended", outcome: "cancelled" })
    // A second attempt to submit it starts nothing.
    assert.isTrue((yield* submitter.submit(one)).adopted)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
