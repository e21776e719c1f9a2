import type { NodeServices } from "@effect/platform-node"
import { shortCommand } from "@rigbook/core/engine"
import type { LauncherSubject } from "@rigbook/testkit"
import { Effect } from "effect"
import { join } from "node:path"
import { fakeUnitsWith } from "../../testkit/src/launcher/FakeUnits.ts"
import { withoutSteering } from "../src/Commands.ts"
import { slurm } from "../src/Slurm.ts"

const ROOT = join(import.meta.dirname, "../../..")
const ENTRY = join(ROOT, "packages/cli/dist/bin.js")

const KINDS = {
  // Longer than Slurm needs to notice that a node is gone, and then soon over.
  orphan: { tokenMs: 1000, trials: 12 },
  stopped: { tokenMs: 200, trials: 40, resumes: true },
} as const

/** A workspace with short and long units, and the connections to the cluster that is started. */
export const slurmSubject = Effect.fnUntraced(function* (part?: string) {
  const { unit, units } = yield* fakeUnitsWith(KINDS)
  const { raw, root } = units.workspace
  const subject: LauncherSubject<NodeServices.NodeServices> = {
    ...units,
    connect: slurm.connect({
      name: "cluster",
      address: "",
      ...(part === undefined ? {} : { part }),
      workspace: { root, raw },
      program: { entry: ENTRY, plugins: [] },
    }),
    running: Effect.orDie(
      Effect.map(
        shortCommand("squeue", ["-h", "--states=running,pending,completing", "-o", "%i"], {
          env: withoutSteering(process.env),
        }),
        ({ stdout }) => stdout.split("\n").filter((id) => id !== ""),
      ),
    ),
    secrets: [".units"],
    unitMs: 120_000,
  }
  return { ...subject, orphan: unit("orphan", 1), stopped: (number: number) => unit("stopped", number) }
})
