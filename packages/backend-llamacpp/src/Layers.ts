import type { DeviceId, EngineBuffer, ModelFacts, Placement } from "@rigbook/core"
import { CPU } from "@rigbook/core"

/** The slots that llama.cpp puts on devices: one for each layer, and one for the output. */
export const slotsOf = ({ layers = 0 }: Pick<ModelFacts, "layers">): number => layers + 1

/**
 * Which device each slot goes to, by its place in `shares`; −1 for the processor, which has all but the last
 * `onDevices`. Source: `get_layer_buft_list` in llama.cpp's `src/llama-model.cpp`, which computes in float.
 */
export const assignSlots = (slots: number, onDevices: number, shares: ReadonlyArray<number>): ReadonlyArray<number> => {
  const taken = Math.min(Math.max(onDevices, 0), slots)
  const sums: Array<number> = []
  for (const share of shares) sums.push(Math.fround((sums.at(-1) ?? 0) + Math.fround(share)))
  const bounds = sums.map((sum) => Math.fround(sum / sums.at(-1)!))
  return Array.from({ length: slots }, (_, slot) => {
    const index = slot - (slots - taken)
    if (index < 0) return -1
    const at = Math.fround(index / taken)
    const device = bounds.findIndex((bound) => bound > at)
    return device === -1 ? shares.length - 1 : device
  })
}

/**
 * Bytes of each slot's own tensors; `undefined` if the file does not say. Layers that predict further tokens have
 * slots, but are not loaded (`load_mtp` in llama.cpp's `src/llama-model-loader.cpp`).
 */
export const ownBytes = ({
  layers,
  nextTokenLayers = 0,
  tensorBytes,
}: ModelFacts): ReadonlyArray<number> | undefined => {
  if (tensorBytes === undefined || layers === undefined) return undefined
  const trunk = layers - nextTokenLayers
  // A file may come without the layers that predict further tokens.
  if (tensorBytes.layers.length !== layers && tensorBytes.layers.length !== trunk) return undefined
  const loaded = tensorBytes.layers.slice(0, trunk)
  return [...loaded, ...Array.from({ length: nextTokenLayers }, () => 0), tensorBytes.output]
}

/**
 * Bytes of each slot on a device, the experts of the first `expertLayers` left to the processor; a tied table is
 * there a second time, with the output.
 */
export const slotBytes = (model: ModelFacts, expertLayers = 0): ReadonlyArray<number> | undefined => {
  const { architecture, tensorBytes } = model
  // Encoders have no output, so nothing can be tied.
  const tied = tensorBytes?.tied === true && !architecture.includes("bert")
  const own = ownBytes(model)
  return own?.map((bytes, slot) => {
    if (slot === own.length - 1) return tied ? bytes + (tensorBytes.table ?? tensorBytes.input) : bytes
    return slot < expertLayers ? bytes - (tensorBytes?.experts?.[slot] ?? 0) : bytes
  })
}

/** What is put on one device. */
export interface Load {
  readonly slots: number
  readonly bytes: number
}

/** The load of each device, in the order of `shares`. */
export const loadsOf = (
  bytes: ReadonlyArray<number>,
  onDevices: number,
  shares: ReadonlyArray<number>,
): ReadonlyArray<Load> => {
  const loads = shares.map(() => ({ slots: 0, bytes: 0 }))
  for (const [slot, device] of assignSlots(bytes.length, onDevices, shares).entries()) {
    const load = loads[device]
    if (load === undefined) continue
    load.slots += 1
    load.bytes += bytes[slot]!
  }
  return loads
}

/** The devices of a placement that are not the processor. */
export const devicesOf = ({ devices }: Placement): ReadonlyArray<DeviceId> => devices.filter((id) => id !== CPU)

/** Strategies that place complete layers, except for their experts. */
const WHOLE_LAYERS = new Set(["single", "layer", "offload", "experts"])

/** Model bytes that each device holds once llama.cpp has placed complete layers; rows and tensors are cut otherwise. */
export const layout = (model: ModelFacts, placement: Placement): ReadonlyArray<EngineBuffer> | undefined => {
  const devices = devicesOf(placement)
  const bytes = slotBytes(model, placement.expertLayers)
  if (bytes === undefined || devices.length === 0 || !WHOLE_LAYERS.has(placement.strategy)) return undefined
  const loads = loadsOf(bytes, placement.layers ?? bytes.length, placement.split ?? devices.map(() => 1))
  return devices.map((device, index) => ({ device, kind: "model", bytes: loads[index]!.bytes }))
}
