import type { LaunchTarget } from "@rigbook/core"
import { Effect } from "effect"
import { jobsOf } from "./Cluster.ts"
import { type Commands, localCommands } from "./Commands.ts"
import { type Choice, choiceOf } from "./Partition.ts"
import { submittedJob, type UnitFolder, unitFolder } from "./UnitFolder.ts"

/** A workspace at a cluster: what submitting, following and collecting its units have in common. */
export interface Site {
  /** Name of the host. */
  readonly host: string
  readonly commands: Commands
  /** Partition and type of GPU that the host's part names. */
  readonly choice: Choice
  readonly workspace: LaunchTarget["workspace"]
  readonly folderOf: (name: string) => UnitFolder
}

export const siteOf = ({ name: host, part, workspace }: LaunchTarget): Site => ({
  host,
  commands: localCommands(host),
  choice: choiceOf(part),
  workspace,
  folderOf: (name) => unitFolder(workspace.raw, name),
})

/** The jobs of units, by the units' names. Those that Slurm does not know are left out. */
export const findJobs = Effect.fn("Site.findJobs")(function* (
  { commands, folderOf }: Site,
  names: ReadonlyArray<string>,
) {
  const ids = yield* Effect.forEach(names, (name) =>
    Effect.map(submittedJob(folderOf(name)), (id) => [name, id] as const),
  )
  return yield* jobsOf(
    commands,
    new Map(ids.flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const]))),
    names,
  )
})
