import { HostAway } from "@rigbook/core"
import { Effect } from "effect"
import type { Commands } from "./Commands.ts"
import { byName, fromSacct, fromSqueue, SACCT_FIELDS, SQUEUE_FIELDS } from "./Jobs.ts"
import { fromSinfo, SINFO_FORMAT } from "./Partition.ts"
import type { Job } from "./State.ts"

/** Names in one call: the command line stays far below its limit. */
const NAMES = 200

/** Jobs of these names, by name. Those that Slurm does not know are left out. */
export const jobsOf = Effect.fn("Cluster.jobsOf")(function* (
  commands: Commands,
  submitted: ReadonlyMap<string, string>,
  names: ReadonlyArray<string>,
) {
  const found = new Map<string, Job>()
  for (let at = 0; at < names.length; at += NAMES) {
    const some = names.slice(at, at + NAMES)
    const only = `--name=${some.join(",")}`
    const queued = fromSqueue(
      yield* listed(commands, "squeue", ["-h", "-r", "--me", "--states=all", only, "-O", SQUEUE_FIELDS]),
    )
    const isMissing = some.some((name) => queued.every((job) => job.name !== name))
    // Without accounting sacct refuses: what squeue has forgotten is unknown then.
    const accounted = isMissing
      ? yield* commands.run("sacct", ["-X", "-n", "-P", only, "-S", "now-7days", "-o", SACCT_FIELDS]).pipe(
          Effect.map(fromSacct),
          Effect.catch(() => Effect.succeed([])),
        )
      : []
    for (const [name, job] of byName(queued, accounted, submitted)) found.set(name, job)
  }
  return found
})

/** The cluster's partitions. */
export const partitionsOf = (commands: Commands) =>
  Effect.map(listed(commands, "sinfo", ["-h", "-o", SINFO_FORMAT]), fromSinfo)

/** A list is never refused: whatever Slurm says, it can't answer now. */
const listed = (commands: Commands, command: string, args: ReadonlyArray<string>) =>
  Effect.catchTag(commands.run(command, args), "Refusal", ({ said }) =>
    Effect.fail(
      new HostAway({
        host: commands.host,
        detail: `${command} can't list anything: ${said.split("\n").at(-1)}.`,
        fix: "Jobs run on. Run the command again later.",
      }),
    ),
  )
