import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { withoutSteering } from "../src/Commands.ts"

const TOOLS = join(import.meta.dirname, "../../../tools/slurm")
const PACKAGES = ["munge", "slurmctld", "slurmd", "slurm-client"]

/** Slurm's daemons, from the system's packages: a fresh machine that may install them does, any other fails. */
const installed = Effect.gen(function* () {
  if (["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged", "/usr/bin/sbatch"].every(existsSync)) return
  const apt = (...args: ReadonlyArray<string>) => shortCommand("apt-get", args, { timeoutMs: 600_000 })
  const install = apt("install", "-y", "--no-install-recommends", ...PACKAGES)
  yield* install.pipe(
    Effect.catch(() => Effect.andThen(apt("update"), install)),
    Effect.mapError(
      ({ message, output }) =>
        new Error(
          `These tests need Slurm: apt-get install ${PACKAGES.join(" ")} (Debian, Ubuntu). ${message}\n${output}`,
        ),
    ),
    Effect.orDie,
  )
})

/** A cluster of four nodes on this machine, which ends with the scope: see tools/slurm/README.md. */
export const slurmRig = Effect.gen(function* () {
  yield* installed
  const start = Effect.gen(function* () {
    const { stdout } = yield* shortCommand("bash", [join(TOOLS, "start.sh"), "--no-dbd"], { timeoutMs: 120_000 })
    const value = (name: string) => new RegExp(`^export ${name}=(.*)$`, "m").exec(stdout)![1]!
    process.env["SLURM_CONF"] = value("SLURM_CONF")
    return value("SLURM_FIXTURE_DIR")
  })
  const folder = yield* Effect.acquireRelease(Effect.orDie(start), (dir) =>
    Effect.orDie(shortCommand("bash", [join(TOOLS, "stop.sh"), dir], { timeoutMs: 120_000 })),
  )
  const node = (what: "daemon-dies" | "start", name: string) =>
    Effect.orDie(
      shortCommand("bash", [join(TOOLS, "node.sh"), what, name], {
        timeoutMs: 120_000,
        env: { ...withoutSteering(process.env), SLURM_FIXTURE_DIR: folder },
      }),
    )
  const controller = {
    kill: Effect.sync(() =>
      process.kill(Number(readFileSync(join(folder, "run/slurmctld.pid"), "utf8").trim()), "SIGKILL"),
    ),
    start: Effect.orDie(shortCommand("/usr/sbin/slurmctld", [], { env: withoutSteering(process.env) })),
  }
  return { controller, node }
})
