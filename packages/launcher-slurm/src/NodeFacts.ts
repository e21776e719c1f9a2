import { Host, HostAway, type HostFacts, LaunchError, Runtime, VERSION } from "@rigbook/core"
import { Effect, Schema } from "effect"
import type { Commands } from "./Commands.ts"
import type { Choice, Partition } from "./Partition.ts"
import { placeFlags } from "./Script.ts"

const Doctor = Schema.fromJsonString(
  Schema.Struct({
    host: Host,
    engines: Schema.Array(
      Schema.Union([
        Schema.Struct({ backend: Schema.String, ok: Schema.Literal(true), runtime: Runtime }),
        Schema.Struct({
          backend: Schema.String,
          ok: Schema.Literal(false),
          problem: Schema.String,
          fix: Schema.String,
        }),
      ]),
    ),
  }),
)

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
          detail: `no node could be asked: ${said.split("\n").at(-1)}.`,
          fix: "Try again later, or see sinfo.",
        }),
      ),
    ),
  )
  const found = yield* Effect.mapError(
    Schema.decodeEffect(Doctor)(text.slice(text.indexOf("{"))),
    ({ message }) =>
      new LaunchError({
        host,
        detail: `rigbook doctor on a node printed something else: ${message.split("\n")[0]}.`,
        fix: "See that Node and Rigbook are on a disk that the nodes share.",
      }),
  )
  const facts: HostFacts = {
    rigbook: VERSION,
    host: found.host,
    engines: Object.fromEntries(
      found.engines.map((engine) => [
        engine.backend,
        engine.ok ? { runtime: engine.runtime } : { absent: `${engine.problem} ${engine.fix}` },
      ]),
    ),
    nodes: partition.nodes,
    gpuTypes: [...gpus.keys()].filter((type) => type !== "" && (choice.gpu === undefined || type === choice.gpu)),
    ...(limitS === undefined ? {} : { longestSeconds: limitS }),
  }
  return facts
})
