import { CPU, DeviceId, Effective } from "@rigbook/core"
import { Schema } from "effect"
import type { NamedDevice } from "./NameListed.ts"
import { readEngineLog, type EngineLog } from "./EngineLog.ts"
import { rpcId } from "./Rpc.ts"

/** What llama-server reports at `GET /props`. */
export const Props = Schema.Struct({
  model_alias: Schema.String,
  build_info: Schema.String,
  total_slots: Schema.Int,
  model_ftype: Schema.optionalKey(Schema.String),
  default_generation_settings: Schema.Struct({ n_ctx: Schema.Int }),
})
export type Props = typeof Props.Type

/** What is effective, from llama-server's own answers and its log. Pure. */
export const effectiveOf = (log: string, props: Props, named: ReadonlyArray<NamedDevice>): Effective => {
  const told = readEngineLog(log)
  const idOf = deviceIds(named)
  return new Effective({
    devices: computing(told).map(idOf),
    settings: {
      ...told.settings,
      context: props.default_generation_settings.n_ctx,
      parallel: props.total_slots,
      ...layersOnGpu(told),
      build: props.build_info,
      ...(props.model_ftype === undefined ? {} : { quantization: props.model_ftype }),
    },
    buffers: told.buffers.map(({ bytes, device, kind }) => ({ device: idOf(device), kind, bytes })),
  })
}

/**
 * The id of a device in the log: RPC servers by their addresses, others by the names that they were
 * given at the start. Any other name is kept.
 */
const deviceIds =
  (named: ReadonlyArray<NamedDevice>) =>
  (device: string): DeviceId => {
    if (device === "CPU") return CPU
    const endpoint = /^RPC\[(.+)\]$/.exec(device)?.[1]
    return endpoint === undefined
      ? (named.find(({ name }) => name === device)?.id ?? DeviceId.make(device))
      : rpcId(endpoint)
  }

/**
 * Devices that compute. The token table stays in host memory even when every layer is on
 * a GPU (llama.cpp `src/llama-model.cpp`), so the processor counts only if it has layers of its own, or experts.
 */
const computing = ({ buffers, offloaded, overridden }: EngineLog): ReadonlyArray<string> => {
  const holding = buffers.filter(({ bytes, kind }) => kind === "model" && bytes > 0).map(({ device }) => device)
  const keeping = buffers.some(({ device, kind }) => device === "CPU" && kind === "KV")
  const allOffloaded = offloaded !== undefined && offloaded.layers === offloaded.of && !keeping && !overridden
  return holding.filter((device) => device !== "CPU" || !allOffloaded || holding.length === 1)
}

/** The log reports offloaded layers without a GPU too, so it counts only if a GPU holds weights. */
const layersOnGpu = ({ buffers, offloaded }: EngineLog): { readonly gpuLayers?: number } => {
  const models = buffers.filter(({ kind }) => kind === "model")
  if (models.length === 0) return {}
  if (models.every(({ device }) => device === "CPU")) return { gpuLayers: 0 }
  return offloaded === undefined ? {} : { gpuLayers: offloaded.layers }
}
