import {
  CPU,
  cpu,
  type ModelFacts,
  Placement,
  Refusal,
  shortfall,
  type Strategy,
  type StrategyInput,
} from "@rigbook/core"
import { Result } from "effect"
import { bytesPerGpu, gpuKvCache } from "./Demand.ts"
import { kvShares } from "./KvCache.ts"
import { gpusOfOthers } from "./Nodes.ts"
import type { Options } from "./Options.ts"
import { type Attempt, gpusOf, placementOn, type Rule, sharedKv, spread, unfit } from "./Spread.ts"

type Input = StrategyInput<Options>

/** A strategy from a rule that gives placements, best first, and sentences that say why others are not possible. */
const strategy = (id: string, rule: (input: Input) => ReadonlyArray<Attempt>): Strategy<Options> => ({
  id,
  place: (input) => {
    const found = rule(input)
    const [first, ...rest] = found.filter((each) => typeof each !== "string")
    if (first !== undefined) return Result.succeed([first, ...rest])
    const reasons = new Set(found.filter((each) => typeof each === "string"))
    return Result.fail(new Refusal({ strategy: id, reason: [...reasons].join("; ") || "this host has no GPU" }))
  },
})

const cacheOf = ({ config, model }: Input): number | undefined => gpuKvCache(model, config)?.bytes

/** The complete model on one GPU, the one with most free memory first. */
export const single = strategy("single", (input) =>
  gpusOf(input).map(
    (gpu) =>
      unfit(input, gpu, bytesPerGpu(input.demand, { weights: 1, kv: 1 }, cacheOf(input))) ??
      placementOn("single", [gpu.id]),
  ),
)

/**
 * Every layer is shared by all: each exchange takes time. The attention heads have to be divisible (vLLM
 * `config/model.py` verify_with_parallel_config); key and value heads are repeated where there are fewer.
 */
const layersShared = (model: ModelFacts): Rule => ({
  refused: (size) => {
    if (model.heads === undefined) return "the model's files don't state the number of attention heads"
    return model.heads % size === 0 ? undefined : `${model.heads} attention heads can't be divided by ${size}`
  },
  shared: (size) => ({ weights: size, kv: kvShares(model, size) }),
})

/** Every layer shared by 2 or more like GPUs, or by processes on the processor. */
export const tensor = strategy("tensor", (input) => spread("tensor", input, layersShared(input.model)))

/** Ranges of layers on 2 or more like GPUs, one after the other: for models whose heads can't be divided. */
export const pipeline = strategy("pipeline", (input) =>
  input.degree === undefined
    ? spread("pipeline", input, { refused: tooFewLayers(input.model), shared: (size) => ({ weights: size, kv: size }) })
    : ["on cpu vLLM's processes can't pass on the results of layers: its engine ends at the first request"],
)

const tooFewLayers =
  ({ layers }: ModelFacts) =>
  (size: number): string | undefined => {
    if (layers === undefined) return "the model's files don't state the number of layers"
    return layers < size ? `${layers} layers are fewer than ${size} GPUs` : undefined
  }

/** The complete model on each of 2 or more equal GPUs, on as many as possible: requests are shared between them. */
export const replicas: Strategy<Options> = {
  ...strategy("replicas", (input) =>
    spread("replicas", input, { refused: () => undefined, shared: () => ({ weights: 1, kv: 1 }) }).toReversed(),
  ),
  onlyNamed: true,
}

/** As tensor, but of a mixture's layers each process holds complete experts instead of a part of each. */
export const expert: Strategy<Options> = {
  ...strategy("expert", (input) => {
    const { experts } = input.model
    if (experts === undefined) return ["the model is not a mixture of experts"]
    const { refused, shared } = layersShared(input.model)
    const tooFew = (size: number) =>
      experts < size ? `${experts} experts are fewer than ${size} processes` : undefined
    return spread("expert", input, { refused: (size) => tooFew(size) ?? refused(size), shared })
  }),
  onlyNamed: true,
}

/** On the processors of several machines, which share each layer. */
const onProcessors = (input: Input, nodes: number, gpus: number): Attempt => {
  if (gpus > 0) return "backends.vllm names no GPUs of its nodes: set nodes.gpus, or place the model on cpu"
  const placement = new Placement({ strategy: "nodes", devices: [CPU], nodes })
  return layersShared(input.model).refused(nodes) ?? shortfall(input, placement) ?? placement
}

/** Over several machines: layers in ranges from one to the next, each layer shared by the GPUs of one. */
export const nodes: Strategy<Options> = {
  ...strategy("nodes", (input) => {
    const { config, demand, host, model } = input
    if (config.nodes === undefined) return ["backends.vllm names no nodes"]
    const isOfUnit = !("others" in config.nodes)
    const gpus = isOfUnit && input.exactly !== true ? gpusOf(input).slice(0, config.nodes.gpus) : gpusOf(input)
    if (isOfUnit && config.nodes.gpus === undefined) return [onProcessors(input, config.nodes.count, gpus.length)]
    const kinds = new Set(gpus.map(({ memoryBytes, name }) => `${name} ${memoryBytes}`))
    if (gpus.length === 0) return ["no GPU of this host is among its devices"]
    if (kinds.size > 1) return ["the GPUs of this host differ"]
    const remote = gpusOfOthers(config).map((all) => {
      const ids = new Set(all)
      return host.devices.filter(({ id }) => ids.has(id))
    })
    const counts = [gpus, ...remote].map(({ length }) => length)
    if (counts.some((count) => count !== gpus.length))
      return [`every node needs the same number of GPUs, they have ${counts.join(", ")}`]
    const { refused, shared } = layersShared(model)
    const { kv, weights } = shared(gpus.length)
    const all = sharedKv(input, { kv: kv * counts.length, weights: weights * counts.length })
    const need = bytesPerGpu(demand, all, cacheOf(input))
    const reason =
      (gpus.length === 1 ? undefined : refused(gpus.length)) ??
      tooFewLayers(model)(counts.length) ??
      gpus.map((gpu) => unfit(input, gpu, need)).find((each) => each !== undefined)
    const placement = placementOn(
      "nodes",
      [...gpus, ...remote.flat()].map(({ id }) => id),
    )
    return [
      reason ??
        (isOfUnit ? new Placement({ strategy: "nodes", devices: placement.devices, nodes: counts.length }) : placement),
    ]
  }),
  onlyNamed: true,
}

/** In the order in which `auto` tries them: a split only where one GPU is too small, the processor last. */
export const strategies: ReadonlyArray<Strategy<Options>> = [single, tensor, pipeline, replicas, expert, nodes, cpu]
