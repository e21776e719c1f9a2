import type { Workspace } from "@rigbook/records"
import { Effect, FileSystem, Predicate } from "effect"
import { join } from "node:path"
import { byBits, type Member } from "./Member.ts"
import { type Mapping, moved } from "./TryConfig.ts"

/** What speed and loss are measured by: the target's own scenarios where it has such, else usual ones. */
export const scenariosOf = Effect.fn("Scenarios.scenariosOf")(function* (
  { prompts }: Workspace,
  members: readonly [Member, ...ReadonlyArray<Member>],
  streams: number | undefined,
) {
  const fs = yield* FileSystem.FileSystem
  const [first] = members
  const own = scenariosIn(first).find(({ kind }) => kind === "latency")
  const latency = own ?? { kind: "latency", prompts: "short-chat", requests: 1, outputTokens: 32 }
  const hasText = yield* fs.exists(join(prompts, `${TEXT}.jsonl`))
  const divergence = members.flatMap(scenariosIn).find(({ measure }) => measure === "kld")
  const reference = members.toSorted(byBits)[0]!
  return {
    scenario:
      streams === undefined
        ? latency
        : { kind: "concurrency", prompts: latency["prompts"], outputTokens: latency["outputTokens"] ?? 32, streams },
    /** Against the file with most bits. */
    loss: {
      kind: "quality",
      measure: "kld",
      prompts: divergence?.["prompts"] ?? (hasText ? TEXT : latency["prompts"]),
      chunks: divergence?.["chunks"] ?? 8,
      context: divergence?.["context"] ?? 256,
      reference: divergence?.["reference"] ?? moved(reference.config["source"], reference.folder, first.folder),
    },
  }
})

/** The usual text to measure loss on. */
const TEXT = "documents-en"

const scenariosIn = ({ config: { scenarios } }: Member): ReadonlyArray<Mapping> =>
  Array.isArray(scenarios) ? scenarios.filter((one): one is Mapping => Predicate.isObject(one)) : []
