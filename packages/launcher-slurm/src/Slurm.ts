import { type Connection, type Launcher, LaunchError, ShapeRefused } from "@rigbook/core"
import { succeedsOnce } from "@rigbook/runner"
import { Effect, type FileSystem } from "effect"
import { partitionsOf } from "./Cluster.ts"
import { collect } from "./Collect.ts"
import { makeFollow } from "./Follow.ts"
import { nodeFacts } from "./NodeFacts.ts"
import { type Partition, partitionMisfit } from "./Partition.ts"
import { makeQueued } from "./Queued.ts"
import { placeFlags } from "./Script.ts"
import { siteOf } from "./Site.ts"
import { makeSubmit } from "./Submit.ts"
import { tidyUnits } from "./Tidy.ts"

/** Jobs that are with Slurm at the same time, at the least: it starts them one after the other. */
const LEAST_QUEUED = 16
/** The same for each node of the partition, so that none waits for the next look. */
const QUEUED_PER_NODE = 2

/**
 * A cluster that Slurm schedules, from one of its login nodes: units are jobs, each alone on a node. The workspace, Node and
 * Rigbook have to be on a disk that the nodes share. Of `cluster:gpu/rtx5090` the part names the partition and the type of
 * GPU. The address is empty.
 */
export const slurm: Launcher<FileSystem.FileSystem> = {
  id: "slurm",
  description: "jobs of a Slurm cluster, from a login node",
  connect: Effect.fn("Slurm.connect")(function* (target) {
    const { address, name: host, program, workspace } = target
    if (address !== "" && address !== "localhost")
      return yield* new LaunchError({
        host,
        detail: "a Slurm cluster is reached from its login node, without an address.",
        fix: "Run Rigbook there, and leave the address empty.",
      })
    const site = siteOf(target)
    const { choice, commands } = site
    const partitions = yield* partitionsOf(commands)
    const partition = yield* chosen(host, partitions, choice.partition)
    const queued = makeQueued(Math.max(LEAST_QUEUED, QUEUED_PER_NODE * partition.nodes), makeSubmit(site, program))

    const check: Connection["check"] = Effect.fnUntraced(function* (shape) {
      const why = partitionMisfit(choice.gpu === undefined ? shape : { gpu: choice.gpu, ...shape }, partition)
      if (why !== undefined) return yield* new ShapeRefused({ host, ...why })
      const script = "#!/bin/sh\ntrue\n"
      yield* commands.run("sbatch", ["--test-only", ...placeFlags(shape, choice)], script).pipe(
        Effect.catchTag("Refusal", ({ said }) =>
          Effect.fail(
            new ShapeRefused({
              host,
              detail: `Slurm refuses it: ${said.split("\n").at(-1)}.`,
              fix: "Choose another placement, or another partition.",
            }),
          ),
        ),
      )
    })

    const machine = { choice, root: workspace.root, node: process.execPath, entry: program.entry }
    const connection: Connection<FileSystem.FileSystem> = {
      ...makeFollow(site, queued),
      facts:
        target.known === undefined
          ? succeedsOnce(nodeFacts(commands, { ...machine, partition }))
          : Effect.succeed(target.known),
      check,
      submit: queued.add,
      collect: (unit) => collect(site, unit),
      tidy: (kept) => tidyUnits(workspace.raw, kept),
    }
    return connection
  }),
}

/** The partition that is named, else the cluster's default one. */
const chosen = Effect.fnUntraced(function* (
  host: string,
  partitions: ReadonlyArray<Partition>,
  name: string | undefined,
) {
  const found = partitions.find((partition) => (name === undefined ? partition.isDefault : partition.name === name))
  if (found !== undefined) return found
  const names = partitions.map((partition) => partition.name).join(", ") || "none"
  return yield* new LaunchError({
    host,
    detail: name === undefined ? "the cluster has no default partition." : `the cluster has no partition ${name}.`,
    fix: `Name one of its partitions behind a colon: ${names}.`,
  })
})
