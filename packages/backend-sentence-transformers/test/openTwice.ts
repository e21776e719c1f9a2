import { placedDemand } from "@rigbook/core"
import { captureHost, resolvePlacement } from "@rigbook/runner"
import { Effect } from "effect"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { miniLmInput } from "./MiniLm.ts"

/** MiniLM twice on the processor, as a config would. */
export const openTwice = Effect.gen(function* () {
  const input = yield* miniLmInput({ threads: 1 })
  const { config, model } = input
  const scenario = { kind: "batch", prompts: "p", documents: 64, batchSize: 16 } as const
  const host = yield* captureHost
  const demand = sentenceTransformers.memory!.demand!(model, config, scenario)
  const placement = yield* Effect.fromResult(
    resolvePlacement(
      { strategy: "replicas", devices: ["cpu"], degree: 2 },
      {
        host,
        model,
        config,
        demand,
        demandOf: placedDemand(sentenceTransformers, { model, config, scenario, host }),
      },
      sentenceTransformers.placement!.strategies!,
    ),
  )
  return { input, placement, session: yield* sentenceTransformers.open({ ...input, placement }) }
})
