import { type OptionIssue, scenarioTask } from "@rigbook/core"
import { isPortFree, serverBackend, unusableByTorch } from "@rigbook/core/engine"
import { readSafetensors } from "@rigbook/core/models"
import { Effect } from "effect"
import { resolve } from "node:path"
import { requested } from "./Arguments.ts"
import { demand } from "./Demand.ts"
import { keptBytes } from "./KvCache.ts"
import { remoteDevices } from "./Nodes.ts"
import { Options } from "./Options.ts"
import { demandOf } from "./PlacedDemand.ts"
import { fail, runtimeAt } from "./Program.ts"
import { probe, setup } from "./Runtime.ts"
import { server } from "./Server.ts"
import { strategies } from "./Strategies.ts"
import { isGguf, prepare, prepared, unpackedFacts } from "./Unpack.ts"

/** Options that can't work on this machine. */
const check = Effect.fn("Vllm.check")(function* ({ port, vllm: named }: Options) {
  const issues: Array<OptionIssue> = []
  if (port !== undefined && !(yield* isPortFree(port)))
    issues.push({
      path: ["port"],
      message: `Port ${port} is in use by another program: end it, or remove port to use a free one.`,
    })
  if (named !== undefined) {
    const found = yield* Effect.result(runtimeAt(resolve(named), "named"))
    if (found._tag === "Failure")
      issues.push({ path: ["vllm"], message: `${found.failure.reason.detail} ${found.failure.reason.fix}` })
  }
  return issues
})

/** Runs safetensors models, to generate and to embed, through vLLM's own server. */
export const vllm = serverBackend({
  id: "vllm",
  description: "Language and embedding models through vLLM's server, on the processor or on NVIDIA GPUs",
  tasks: ["generate", "embed"],
  config: Options,
  probe,
  inspect: (files) =>
    Effect.mapError(isGguf(files) ? unpackedFacts(files.path) : readSafetensors(files.path, files), (reason) =>
      fail(reason),
    ),
  memory: {
    demand: (model, options, scenario) => demand(model, options, scenarioTask(scenario)),
    demandOf,
    withContext: (options, maxModelLen) => ({ ...options, maxModelLen }),
    cacheBytes: keptBytes,
  },
  placement: { strategies, devices: remoteDevices, requested },
  files: { prepare, prepared },
  machine: {
    check,
    unusable: ({ config: { vllm: named }, host, runtime: { libraries, version } }) => {
      const torch = libraries["torch"] ?? version
      return Effect.succeed(
        unusableByTorch({ backend: "vllm", option: "vllm", isNamed: named !== undefined, torch }, host),
      )
    },
    setup,
  },
  server,
})
