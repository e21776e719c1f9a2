import {
  type ClockLimit,
  clockLimits,
  DeviceId,
  type DeviceProcess,
  type Reported,
  type ReportedFields,
} from "@rigbook/core"

const MIB = 2 ** 20

const number = (text: string): number | undefined => {
  const value = Number(text)
  return text === "" || Number.isNaN(value) ? undefined : value
}
const scaled = (factor: number) => (text: string) => {
  const value = number(text)
  return value === undefined ? undefined : value * factor
}
const mask = (text: string) => (/^0x[0-9a-f]+$/i.test(text) ? clockLimits(BigInt(text)) : undefined)

/** For each value its names in different drivers, the best first, and how its text is read. */
const FIELDS = {
  usedBytes: { names: ["memory.used"], read: scaled(MIB) },
  freeBytes: { names: ["memory.free"], read: scaled(MIB) },
  utilization: { names: ["utilization.gpu"], read: scaled(0.01) },
  smClockMhz: { names: ["clocks.sm"], read: number },
  temperatureC: { names: ["temperature.gpu"], read: number },
  // `power.draw` is an average over one second on newer devices.
  powerW: { names: ["power.draw.instant", "power.draw"], read: number },
  powerCapW: { names: ["enforced.power.limit"], read: number },
  limits: { names: ["clocks_event_reasons.active", "clocks_throttle_reasons.active"], read: mask },
  pcieGeneration: { names: ["pcie.link.gen.gpucurrent", "pcie.link.gen.current"], read: number },
  pcieLanes: { names: ["pcie.link.width.current"], read: number },
} as const
type Field = keyof typeof FIELDS

/** A column to query: which value it is, and nvidia-smi's name for it. */
export interface SmiColumn {
  readonly field: Field
  readonly name: string
}

/** The columns that this nvidia-smi supports, from what `--help-query-gpu` prints. */
export const smiColumns = (help: string): ReadonlyArray<SmiColumn> => {
  const known = new Set([...help.matchAll(/"([a-z0-9_.]+)"/g)].map(([, name]) => name))
  return (Object.keys(FIELDS) as ReadonlyArray<Field>).flatMap((field) => {
    const name = FIELDS[field].names.find((candidate) => known.has(candidate))
    return name === undefined ? [] : [{ field, name }]
  })
}

/** A line of `--query-gpu=uuid,…`; `undefined` for one that names no device. */
export const parseSmiLine = (
  columns: ReadonlyArray<SmiColumn>,
  line: string,
): { readonly device: DeviceId; readonly reported: ReportedFields } | undefined => {
  const [uuid, ...texts] = line.split(",").map((text) => text.trim())
  if (uuid?.startsWith("GPU-") !== true || texts.length !== columns.length) return undefined
  const reported = columns.map(({ field }, index): readonly [Field, Reported<number | ReadonlyArray<ClockLimit>>] => {
    const text = texts[index]!
    const value = FIELDS[field].read(text)
    return [field, value === undefined ? { absent: `nvidia-smi: ${text === "" ? "nothing" : text}` } : { value }]
  })
  return { device: DeviceId.make(uuid), reported: Object.fromEntries(reported) }
}

/** A line of `--query-compute-apps=gpu_uuid,pid,used_memory`; `undefined` for one that names no process. */
export const parseSmiProcess = (
  line: string,
): { readonly device: DeviceId; readonly process: DeviceProcess } | undefined => {
  const [uuid, pid, memory] = line.split(",").map((text) => text.trim())
  if (uuid?.startsWith("GPU-") !== true || !/^\d+$/.test(pid ?? "")) return undefined
  const bytes = scaled(MIB)(memory ?? "")
  return { device: DeviceId.make(uuid), process: { pid: Number(pid), ...(bytes === undefined ? {} : { bytes }) } }
}
