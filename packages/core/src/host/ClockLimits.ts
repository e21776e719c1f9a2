import type { ClockLimit } from "./DeviceReading.ts"

/** Bits of nvmlClocksEventReasons. */
const BITS: ReadonlyArray<readonly [bit: bigint, limit: ClockLimit]> = [
  [0x1n, "idle"],
  [0x2n, "application-clocks"],
  [0x4n, "power-cap"],
  [0x8n, "hw-slowdown"],
  [0x10n, "sync-boost"],
  [0x20n, "sw-thermal"],
  [0x40n, "hw-thermal"],
  [0x80n, "hw-power-brake"],
  [0x100n, "display-clock"],
]

/** The reasons in a mask of NVML's clocks event reasons. */
export const clockLimits = (mask: bigint): ReadonlyArray<ClockLimit> =>
  BITS.filter(([bit]) => (mask & bit) !== 0n).map(([, limit]) => limit)

/** Limits that slow a device down because it is too hot, or short of current. */
export const THROTTLING: ReadonlySet<ClockLimit> = new Set([
  "hw-slowdown",
  "sw-thermal",
  "hw-thermal",
  "hw-power-brake",
])
