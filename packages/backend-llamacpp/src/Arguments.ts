import { type Effective, type ModelFacts, type Placement, referenceOf, type Scenario, type Task } from "@rigbook/core"
import { devicesOf } from "./Layers.ts"
import type { NamedDevice } from "./NameListed.ts"
import { contextOf, type Options, roundedContext, ubatchOf } from "./Options.ts"

export interface ServerInput {
  readonly options: Options
  readonly task: Task
  /** The model's file, and what it says of itself. */
  readonly file: string
  readonly model: Pick<ModelFacts, "contextLength">
  readonly placement: Placement
  /** The placement's devices but the processor, in its order, as llama.cpp calls them. */
  readonly devices: ReadonlyArray<NamedDevice>
  readonly port: number
  /** Word that identifies answers of this server. */
  readonly nonce: string
}

/**
 * The command line of llama-server. Whatever decides where the model is placed or what a request costs is set
 * explicitly: defaults change from build to build, and `-fit` would change the rest unnoticed.
 */
export const serverArguments = (input: ServerInput): ReadonlyArray<string> =>
  argv({
    "-m": input.file,
    "--alias": input.nonce,
    "--host": "127.0.0.1",
    "--port": input.port,
    ...placed(input),
    ...slots(input),
    "--no-kv-unified": true,
    ...batches(input),
    "-t": input.options.threads,
    "-tb": input.options.threads,
    ...attention(input),
    ...(input.options.speculation === undefined ? {} : { "--spec-type": input.options.speculation }),
    ...(input.task === "embed" ? embedding(input.options) : {}),
    // Nothing may be cached from one request to the next, and nothing fetched.
    "--cache-ram": 0,
    "-ctxcp": 0,
    "--offline": true,
    "--no-webui": true,
    "--metrics": true,
    // Buffers, which prove a placement, are logged from this level on.
    "-lv": 4,
  })

/**
 * The command line of llama-fit-params for the same server: what decides memory, with the same flags. It counts slots
 * as llama-server does without a unified cache, and knows no flag for that.
 */
export const fitArguments = (input: Omit<ServerInput, "port" | "nonce">): ReadonlyArray<string> =>
  argv({
    "-m": input.file,
    ...placed(input),
    ...slots(input),
    ...batches(input),
    ...attention(input),
    "--offline": true,
    "-fitp": "on",
    // Errors, and the figures on standard output.
    "-lv": 1,
  })

/** What is requested, by the names of `effectiveOf`: the context as it is rounded, and nothing that is left to defaults. */
export const requested = (options: Options, placement: Placement, scenario?: Scenario): Effective["settings"] => {
  if (scenario !== undefined && referenceOf(scenario) !== undefined) return requestedOfDivergence(options)
  const gpuLayers = devicesOf(placement).length === 0 ? 0 : placement.layers
  return {
    ...(options.context === undefined ? {} : { context: roundedContext(options.context) }),
    parallel: options.parallel,
    threads: options.threads,
    kvCache: options.kvCache,
    ...(options.batch === undefined ? {} : { batch: options.batch }),
    ...(options.ubatch === undefined ? {} : { ubatch: options.ubatch }),
    ...(options.flashAttention === "auto" ? {} : { flashAttention: options.flashAttention }),
    ...(options.speculation === undefined ? {} : { speculation: options.speculation }),
    ...(gpuLayers === undefined ? {} : { gpuLayers }),
  }
}

/** With a reference: no requests in parallel, and the scenario sets the context. */
const requestedOfDivergence = ({ flashAttention, kvCache, threads }: Options): Effective["settings"] => ({
  threads,
  kvCache,
  ...(flashAttention === "auto" ? {} : { flashAttention }),
})

/** Flags with their values; `true` for a flag that has none. */
type Flags = Readonly<Record<string, string | number | true>>

const argv = (flags: Flags): ReadonlyArray<string> =>
  Object.entries(flags).flatMap(([flag, value]) => (value === true ? [flag] : [flag, `${value}`]))

/** `--rpc` comes before `--device`, which names what it brings. */
const placed = ({ devices, placement }: Pick<ServerInput, "devices" | "placement">): Flags => {
  const rpc = devices.flatMap(({ endpoint }) => endpoint ?? [])
  return {
    ...(rpc.length === 0 ? {} : { "--rpc": rpc.join(",") }),
    "--device": devices.length === 0 ? "none" : devices.map(({ name }) => name).join(","),
    "--split-mode": splitMode(placement, devices.length),
    ...(devices.length === 0 ? {} : { "--tensor-split": (placement.split ?? devices.map(() => 1)).join(",") }),
    "--main-gpu": 0,
    "-ngl": devices.length === 0 ? 0 : (placement.layers ?? "all"),
    ...(placement.expertLayers === undefined ? {} : { "-ncmoe": placement.expertLayers }),
    "-fit": "off",
  }
}

const splitMode = ({ strategy }: Placement, devices: number): string =>
  devices < 2 ? "none" : strategy === "row" || strategy === "tensor" ? strategy : "layer"

/** `-c` is the sum over all slots. */
const slots = ({ model, options }: Pick<ServerInput, "model" | "options">): Flags => ({
  "-c": contextOf(options, model) * options.parallel,
  "-np": options.parallel,
})

const attention = ({ options }: Pick<ServerInput, "options">): Flags => ({
  "-fa": options.flashAttention,
  "-ctk": options.kvCache,
  "-ctv": options.kvCache,
})

/** Embeddings are made in one forward pass, so there the two sizes are the same. */
const batches = ({ model, options, task }: Pick<ServerInput, "model" | "options" | "task">): Flags => {
  const ubatch = ubatchOf(options, model, task)
  const batch = options.batch ?? (task === "embed" ? ubatch : Math.max(2048, ubatch))
  return { "-b": batch, "-ub": ubatch }
}

const embedding = ({ pooling }: Options): Flags => ({
  "--embeddings": true,
  ...(pooling === undefined ? {} : { "--pooling": pooling }),
})
