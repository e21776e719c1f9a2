import { CPU, type RunRecord } from "@rigbook/core"

/** A run's memory on one device, in bytes. Unknown values are left out. */
export interface DeviceMemory {
  readonly device: string
  /**
   * Largest use, in bytes: of the processor the engine's resident memory, of a GPU its growth since before the start.
   */
  readonly peak?: number
  /** Bytes that the engine reports there. */
  readonly held?: number
  /** Bytes that the device has. */
  readonly total?: number
  /** Bytes left at the peak: what was free before the run, less the peak. */
  readonly free?: number
}

/** Peak, held and free memory by device, for the processor and each GPU that the run used. Pure. */
export const memoryOf = ({ cell, effective, environment, observed }: RunRecord): ReadonlyArray<DeviceMemory> => {
  const used = new Set<string>([CPU, ...cell.placement.devices, ...(effective?.devices ?? [])])
  return cell.host.devices
    .filter(({ id }) => used.has(id))
    .map(({ freeBytes, id, memoryBytes }) => {
      const onCpu = id === CPU
      const found = onCpu
        ? observed.peakRssBytes
        : observed.devices?.find(({ device }) => device === id)?.usedDeltaBytes
      const peak = found !== undefined && "value" in found ? found.value : undefined
      const before = onCpu ? environment.freeMemoryBytes : freeBytes
      const buffers = effective?.buffers.filter(({ device }) => device === id || (onCpu && device === "CPU")) ?? []
      return {
        device: id,
        ...(peak === undefined ? {} : { peak }),
        ...(buffers.length === 0 ? {} : { held: buffers.reduce((sum, { bytes }) => sum + bytes, 0) }),
        ...(memoryBytes === undefined ? {} : { total: memoryBytes }),
        ...(peak === undefined || before === undefined ? {} : { free: before - peak }),
      }
    })
}
