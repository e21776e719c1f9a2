import { type LaunchUnit, UNIT_NODES } from "@rigbook/core"
import { join } from "node:path"
import type { Choice } from "./Partition.ts"
import { GRACE_S, minutesOf } from "./Time.ts"

/** What a unit's script needs to know beside the unit. */
export interface Job {
  /** The unit's folder, on a disk that the nodes share. */
  readonly folder: string
  readonly choice: Choice
  readonly root: string
  readonly node: string
  readonly entry: string
  /** Variables for the worker: nothing else of this environment reaches the nodes. */
  readonly env: Readonly<Record<string, string>>
}

/** A word of a shell's command line, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Flags that decide where a unit runs. Pure. */
export const placeFlags = (shape: LaunchUnit["shape"], choice: Choice): ReadonlyArray<string> => {
  const { nodes, seconds } = shape
  const { partition } = choice
  return [
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    // Without a number of nodes Slurm may spread GPUs over several.
    `--nodes=${nodes}`,
    "--ntasks-per-node=1",
    // Nobody else on the node: another program would disturb what is measured.
    "--exclusive",
    "--mem=0",
    ...gpuFlags(shape, choice),
    `--time=${minutesOf(seconds)}`,
  ]
}

/** The GPUs of each node, for a job or for a step of it. */
const gpuFlags = ({ gpu, gpus }: LaunchUnit["shape"], { gpu: chosen }: Choice): ReadonlyArray<string> => {
  const type = gpu ?? chosen
  return gpus === 0 ? [] : [`--gres=gpu:${type === undefined ? "" : `${type}:`}${gpus}`]
}

/** All flags of `sbatch` for a unit. Pure. */
export const submitFlags = (unit: LaunchUnit, { choice, folder, root }: Job): ReadonlyArray<string> => [
  "--parsable",
  `--job-name=${unit.name}`,
  ...placeFlags(unit.shape, choice),
  `--signal=TERM@${GRACE_S}`,
  // Rigbook resumes by itself: a job that Slurm starts again would run beside what its first life left.
  "--no-requeue",
  "--export=NIL",
  `--chdir=${root}`,
  `--output=${join(folder, "job.log")}`,
  "--open-mode=append",
]

/**
 * The script of a unit. The worker is a step of the job: Slurm gives the script itself all GPUs of an exclusive node, and
 * a step only those that were requested. Pure.
 */
export const scriptOf = ({ shape }: Pick<LaunchUnit, "shape">, job: Job): string => {
  const { entry, env, folder, node } = job
  const file = (name: string) => quoted(join(folder, name))
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`)
  return `#!/bin/bash
${variables.join("\n")}
${shape.nodes === 1 ? "" : severalNodes(shape, job)}srun ${shape.nodes === 1 ? "" : `${ON_FIRST} `}--export=ALL --kill-on-bad-exit=1 ${quoted(node)} ${quoted(entry)} worker --records ${file("records")} \\
  < ${file("unit.json")} >> ${file("events.ndjson")} 2>> ${file("worker.log")} &
step=$!
# Slurm's TERM reaches the worker by itself: the script only waits for it.
trap : TERM
wait "$step"; code=$?
while kill -0 "$step" 2>/dev/null; do wait "$step"; code=$?; done
printf %s "$code" > ${file("exit.partial")} && mv ${file("exit.partial")} ${file("exit")}
exit "$code"
`
}

/** The worker of a job with several nodes is on the first of them. */
const ON_FIRST = '--nodes=1 --ntasks=1 --nodelist="${nodes[0]}"'

/**
 * Ends what a program leaves in its process group when it ends, such as workers whose parent was killed: they would hold the
 * step, and compute on. As words in JSON that `printf` prints.
 */
const ALONE = JSON.stringify([
  "sh",
  "-c",
  `"$@"; code=$?; trap "" TERM; kill -TERM 0; { sleep 2; kill -KILL 0; } </dev/null >/dev/null 2>&1 & exit $code`,
  "rigbook-part",
])
  .slice(1, -1)
  .replaceAll("\\", "\\\\")

/**
 * Lines that hand the job's nodes to the worker (`UnitNodes` of core). Names and addresses of nodes need no quoting in JSON. What
 * the worker starts on another node is a step of the job, with that node's GPUs. Pure.
 */
const severalNodes = (shape: LaunchUnit["shape"], { choice }: Job): string => {
  const start = [
    "srun",
    "--nodes=1",
    "--ntasks=1",
    "--overlap",
    "--export=ALL",
    "--input=none",
    ...gpuFlags(shape, choice),
  ]
  const words = JSON.stringify(start).slice(1, -1)
  return `nodes=($(scontrol show hostnames "$SLURM_JOB_NODELIST"))
address() { scontrol -o show node "$1" | sed -n 's/.* NodeAddr=\\([^ ]*\\).*/\\1/p'; }
others=
for name in "\${nodes[@]:1}"; do
  others+="\${others:+,}"$(printf ${quoted(`{"name":"%s","address":"%s","start":[${words},"--nodelist=%s",${ALONE}]}`)} "$name" "$(address "$name")" "$name")
done
export ${UNIT_NODES}='{"address":"'$(address "\${nodes[0]}")'","others":['$others']}'
`
}
