import { BadModel, type ModelFiles, type OptionIssue, scenarioTask } from "@rigbook/core"
import { isPortFree, serverBackend } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect } from "effect"
import { resolve } from "node:path"
import { requested } from "./Arguments.ts"
import { demand, demandOf } from "./Demand.ts"
import { openDivergence } from "./Divergence.ts"
import { askDemand } from "./FitTool.ts"
import { cacheBytes } from "./KvCache.ts"
import { layout } from "./Layers.ts"
import { Options } from "./Options.ts"
import { fail } from "./Program.ts"
import { prepare, prepared } from "./Quantize.ts"
import { rpcDevice, rpcIssues } from "./Rpc.ts"
import { isExecutable } from "./Programs.ts"
import { builds, probe, setup } from "./Runtime.ts"
import { server } from "./Server.ts"
import { strategies } from "./Strategies.ts"
import { tunes } from "./Tunes.ts"
import { unusable } from "./Unusable.ts"

/** Options that can't work on this machine. */
const check = Effect.fn("LlamaCpp.check")(function* ({ binary, flashAttention, kvCache, port, rpc = [] }: Options) {
  const issues: Array<OptionIssue> = []
  if (port !== undefined && !(yield* isPortFree(port)))
    issues.push({
      path: ["port"],
      message: `Port ${port} is in use by another program: end it, or remove port to use a free one.`,
    })
  if (binary !== undefined && !isExecutable(resolve(binary)))
    issues.push({
      path: ["binary"],
      message: `${resolve(binary)} is not a program: name a llama-server, or remove binary and run \`rigbook setup llamacpp\`.`,
    })
  if (flashAttention === "off" && kvCache.startsWith("q"))
    issues.push({
      path: ["kvCache"],
      message: `A KV cache in ${kvCache} needs flash attention: set flashAttention to auto, or kvCache to f16.`,
    })
  issues.push(...(yield* rpcIssues(rpc)))
  return issues
})

const ofServer = serverBackend({
  id: "llamacpp",
  description: "GGUF models through llama.cpp's llama-server",
  tasks: ["generate", "embed"],
  config: Options,
  probe,
  inspect: (files: ModelFiles) => Effect.mapError(readGguf(files.path, files), (reason: BadModel) => fail(reason)),
  memory: {
    demand: (model, options, scenario) => demand(model, options, scenarioTask(scenario)),
    demandOf,
    withContext: (options, context) => ({ ...options, context }),
    cacheBytes,
    ask: askDemand,
  },
  placement: {
    strategies,
    devices: ({ rpc = [] }) => rpc.map(rpcDevice),
    requested,
    layout: (model, _, placement) => layout(model, placement),
  },
  files: { prepare, prepared, quantizes: true },
  machine: { check, unusable, setup, builds },
  server,
})

/**
 * Runs GGUF models, to generate and to embed, through llama.cpp's llama-server; with a reference, through its libllama.
 */
export const llamacpp: typeof ofServer = {
  ...ofServer,
  diverges: true,
  tunes,
  open: (input) => (input.reference === undefined ? ofServer.open(input) : openDivergence(input, input.reference)),
}
