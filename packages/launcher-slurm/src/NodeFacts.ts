import { HostAway, type HostFacts, LaunchError } from "@rigbook/core"
import { doctorFacts } from "@rigbook/runner"
import { Effect } from "effect"
import type { Commands } from "./Commands.ts"
import type { Choice, Partition } from "./Partition.ts"
import { placeFlags } from "./Script.ts"
import { longestUnit } from "./Time.ts"

/** Longest wait for a free node, and for its answer. */
const WAIT_MS = 600_000
/** A node's answer takes seconds; the rest is for a disk that wakes up. */
const ANSWER_S = 120

/** What one node of the partition reports of itself, by a short job that has all its GPUs. */
export const nodeFacts = Effect.fn("NodeFacts.nodeFacts")(function* (
  { host, run }: Commands,
  {
    choice,
    entry,
    node,
    partition,
    root,
  }: {
    readonly choice: Choice
    readonly entry: string
    readonly node: string
    readonly partition: Partition
    readonly root: string
  },
) {
  const { gpus, limitS } = partition
  const count = choice.gpu === undefined ? Math.max(0, ...gpus.values()) : (gpus.get(choice.gpu) ?? 0)
  const flags = placeFlags({ nodes: 1, gpus: count, seconds: ANSWER_S }, choice)
  // doctor's exit code is for people: an engine that is missing is a fact as well.
  const command = ["sh", "-c", '"$1" "$2" doctor --json; true', "doctor", node, entry]
  const text = yield* run(
    "srun",
    ["--quiet", "--job-name=rigbook-facts", `--chdir=${root}`, ...flags, ...command],
    undefined,
    WAIT_MS,
  ).pipe(
    Effect.catchTag("Refusal", ({ said }) =>
      Effect.fail(
        new HostAway({
          host,
          detail: `no node answers: ${said.split("\n").at(-1)}.`,
          fix: "Try again later, or see sinfo.",
        }),
      ),
    ),
  )
  const found = yield* Effect.mapError(
    doctorFacts(text),
    ({ message }) =>
      new LaunchError({
        host,
        detail: `rigbook doctor on a node printed something else: ${message.split("\n")[0]}.`,
        fix: "See that Node and Rigbook are on a disk that the nodes share.",
      }),
  )
  const facts: HostFacts = {
    ...found,
    nodes: partition.nodes,
    gpuTypes: [...gpus.keys()].filter((type) => type !== "" && (choice.gpu === undefined || type === choice.gpu)),
    ...(limitS === undefined ? {} : { longestSeconds: longestUnit(limitS) }),
  }
  return facts
})
