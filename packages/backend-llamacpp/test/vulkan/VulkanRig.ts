import { NodeServices } from "@effect/platform-node"
import { DeviceId, type ModelSource } from "@rigbook/core"
import { formatIssue, workspaceAt } from "@rigbook/records"
import { captureHost, cellsToRun, plan, run } from "@rigbook/runner"
import { Context, Effect, FileSystem, Layer } from "effect"
import { dirname, join } from "node:path"
import { llamacpp } from "../../src/LlamaCpp.ts"
import { findProgram } from "../../src/Runtime.ts"
import { softwareVulkan } from "./SoftwareVulkan.ts"
import { type Reported, standInDriver } from "./StandInDriver.ts"

/** Two GPUs as their driver names them, of one make, as in most rigs. */
export const [A, B] = [0, 1].map((index) => DeviceId.make(`GPU-6d657361-0000-0000-0000-00000000000${index}`)) as [
  DeviceId,
  DeviceId,
]

/** What differs from a rig that is in order. */
export interface State extends Pick<Reported, "finds" | "lists"> {
  /** MiB of each of the two GPUs. */
  readonly total: number
  /** Their driver's names; the software driver calls its own `llvmpipe (…)`. */
  readonly names: readonly [string, string]
}
const SOUND: State = { finds: [0, 1], lists: true, names: ["llvmpipe", "llvmpipe"], total: 4096 }

/** Small enough to be computed by a processor that plays a GPU. */
const TINY: ModelSource = {
  synthetic: {
    format: "gguf",
    architecture: "llama",
    layers: 4,
    hiddenSize: 256,
    feedForward: 512,
    heads: 4,
    kvHeads: 2,
    vocabulary: 2000,
    contextLength: 512,
    quantization: "Q8_0",
  },
}

// The wheel is built with Vulkan; what is on PATH need not be.
process.env["RIGBOOK_LLAMACPP"] = "wheel"

/**
 * A rig of two GPUs without one: the real llama-server with two real devices of Vulkan, which Mesa computes on the
 * processor, and a stand-in for nvidia-smi.
 */
export class VulkanRig extends Context.Service<
  VulkanRig,
  {
    /** With the stand-in for nvidia-smi, and a llama-server for each number of devices that it is to find. */
    readonly folder: string
  }
>()("test/VulkanRig") {
  static readonly layer = Layer.effect(
    VulkanRig,
    Effect.gen(function* () {
      yield* llamacpp.machine!.setup!
      const fs = yield* FileSystem.FileSystem
      const { path } = yield* findProgram({})
      const { libraries, manifest } = yield* softwareVulkan
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-vulkan-" })
      for (const shown of ["0", "0,0"])
        yield* fs.writeFileString(
          binaryIn(folder, shown),
          // One device of Vulkan that is named twice is two.
          `#!/bin/sh
export LD_LIBRARY_PATH='${[dirname(path), ...libraries].join(":")}' LP_NUM_THREADS=1 RIG='${folder}'
export VK_DRIVER_FILES='${manifest}' VK_ICD_FILENAMES='${manifest}' GGML_VK_VISIBLE_DEVICES=${shown}
exec '${path}' "$@"
`,
          { mode: 0o755 },
        )
      yield* variable("PATH", `${folder}:${process.env["PATH"]}`)
      return { folder }
    }),
  ).pipe(Layer.provideMerge(NodeServices.layer))
}

const binaryIn = (folder: string, shown: string): string => join(folder, `llama-server-${shown}`)

/** Sets a variable of this process until the scope closes. */
export const variable = (name: string, value: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env[name]
      process.env[name] = value
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      }),
  )

/** Puts the rig into a state: the llama-server to name in a config, and the variables of programs that run on the rig. */
export const twoGpus = Effect.fnUntraced(function* (change: Partial<State> = {}) {
  const { folder } = yield* VulkanRig
  const { finds, lists, names, total } = { ...SOUND, ...change }
  const gpus = [A, B].map((uuid, index) => ({ uuid, name: names[index]!, total }))
  yield* standInDriver(folder, { gpus, finds, lists })
  return { binary: binaryIn(folder, finds.map(() => "0").join(",")), env: { PATH: process.env["PATH"]! } }
})

/** Plans a config with these placements on this rig, as `rigbook run` does. */
export const planned = Effect.fnUntraced(function* (placement: string, change: Partial<State> = {}) {
  const { binary } = yield* twoGpus(change)
  const fs = yield* FileSystem.FileSystem
  const workspace = workspaceAt(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-vulkan-" }), { rigbook: 1 })
  for (const folder of [workspace.configs, workspace.prompts, workspace.raw])
    yield* fs.makeDirectory(folder, { recursive: true })
  yield* fs.writeFileString(join(workspace.prompts, "one.jsonl"), '{"id":"a","text":"The sky is"}\n')
  const path = join(workspace.configs, "model.yaml")
  yield* fs.writeFileString(path, configOf(placement, binary))
  const backends = { ids: ["llamacpp"], get: () => Effect.succeed(llamacpp) }
  const { cells, issues } = yield* plan(workspace, [path], backends, yield* captureHost)
  return { cells: cellsToRun(cells), planned: cells, said: issues.map(formatIssue), workspace }
})

/** A config of the tiny model for this rig's llama-server. */
export const configOf = (placement: string, binary: string): string => `name: Model
task: generate
source: ${JSON.stringify(TINY)}
backends: { llamacpp: ${JSON.stringify({ binary, context: 256, threads: 1 })} }
placement: ${placement}
scenarios: [{ kind: latency, prompts: one, requests: 1, outputTokens: 4 }]
protocol: { warmup: 0, trials: 1 }
`

/** Plans, has nothing to complain about, and runs. */
export const measured = Effect.fnUntraced(function* (placement: string, change: Partial<State> = {}) {
  const { cells, said, workspace } = yield* planned(placement, change)
  if (said.length > 0) return yield* Effect.die(new Error(said.join("\n")))
  return yield* run(cells, { workspace })
})
