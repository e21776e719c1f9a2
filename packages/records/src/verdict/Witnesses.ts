import {
  type CellSpec,
  CPU,
  type DeviceId,
  type EngineBuffer,
  type ObservedDevice,
  type PlacementProof,
} from "@rigbook/core"

/** Memory in use comes and goes by so much on a machine at rest. A driver's context alone takes more. */
const NOISE_BYTES = 64 * 2 ** 20
/** Utilization comes and goes by so much: a desktop is drawn, a driver polls. */
const NOISE_UTILIZATION = 0.1
/** Memory on a device outside the placement, up to which it counts as a driver's context. */
export const CONTEXT_BYTES = 700 * 2 ** 20
/** Share by which memory in use may differ from what the engine reports. */
const TOLERANCE = 0.1

export type Placed = Pick<CellSpec, "host" | "placement">
export type Evidence = PlacementProof["evidence"]
/** What an observation proves; or, where it could have been the same with the model elsewhere, why it proves nothing. */
type Finding = Evidence[number] | { readonly missing: string }
/** What independent observations prove, and what is missing of them. */
export interface Witnesses {
  readonly evidence: Evidence
  readonly missing: ReadonlyArray<string>
}

/** A witness for each device of the placement but the processor: the process list, memory in use or utilization. Pure. */
export const onDevices = (
  { placement }: Placed,
  buffers: ReadonlyArray<EngineBuffer>,
  observed: ReadonlyArray<ObservedDevice>,
): Witnesses => {
  const found = placement.devices
    .filter((id) => id !== CPU)
    .map((id) => {
      const reading = observed.find(({ device }) => device === id)
      if (reading === undefined) return { evidence: [], missing: [`nothing outside of the engine reads ${id}`] }
      const findings = [memory(reading, heldOn(buffers, id)), utilization(reading)]
      const evidence = findings.filter((one) => "from" in one)
      if (reading.engine === "here" || evidence.length > 0) return { evidence, missing: [] }
      const why = findings.flatMap((one) => ("missing" in one ? [one.missing] : []))
      return { evidence, missing: [`${id}: the driver lists no process of the engine; ${why.join("; ")}`] }
    })
  return {
    evidence: found.flatMap(({ evidence }) => evidence),
    missing: found.flatMap(({ missing }) => missing),
  }
}

const heldOn = (buffers: ReadonlyArray<EngineBuffer>, id: DeviceId): number =>
  buffers.filter(({ device }) => device === id).reduce((sum, { bytes }) => sum + bytes, 0)

/** Growth of memory in use, beside what the engine reports there; 0 if it reports nothing. */
const memory = ({ device, others, usedDeltaBytes }: ObservedDevice, held: number): Finding => {
  if ("absent" in usedDeltaBytes) return { missing: `memory in use: ${usedDeltaBytes.absent}` }
  const grown = usedDeltaBytes.value
  const says = held === 0 ? "" : `, the engine reports ${mib(held)}`
  const detail = `${device} has ${mib(grown)} more in use than before${says}`
  const from = "memory in use"
  if (held > 0 && grown < held - Math.max(TOLERANCE * held, CONTEXT_BYTES)) return { from, agrees: false, detail }
  if (others === true) return { missing: "memory in use may be that of the other processes there" }
  if (grown > NOISE_BYTES && grown >= (1 - TOLERANCE) * held - NOISE_BYTES) return { from, agrees: true, detail }
  return {
    missing: `memory in use grew by ${mib(grown)}${says}, and ${mib(NOISE_BYTES)} come and go by themselves`,
  }
}

const utilization = ({ device, idleUtilization, others, utilization: during }: ObservedDevice): Finding => {
  if ("absent" in during) return { missing: `utilization: ${during.absent}` }
  if (idleUtilization === undefined) return { missing: "utilization before the engine started is not known" }
  const detail = `at work up to ${percent(during.value)} of the time, ${percent(idleUtilization)} before`
  if (others === true) return { missing: "utilization may be that of the other processes there" }
  return during.value > idleUtilization + NOISE_UTILIZATION
    ? { from: "utilization", agrees: true, detail: `${device} was ${detail}` }
    : { missing: `it was ${detail}` }
}

/** A host without a GPU proves by itself where a model is; one with GPUs where these take no memory and do no work. Pure. */
export const onProcessor = ({ host }: Placed, observed: ReadonlyArray<ObservedDevice>): Witnesses => {
  const beside = host.devices.filter(({ id }) => id !== CPU).map(({ id }) => id)
  const ids = new Set([...beside, ...observed.map(({ device }) => device)])
  if (ids.size === 0)
    return { evidence: [{ from: "host", agrees: true, detail: "the processor is its only device" }], missing: [] }
  const missing = [...ids].flatMap((id) => {
    const reading = observed.find(({ device }) => device === id)
    return reading === undefined ? [`nothing outside of the engine reads ${id}`] : whyNotAtRest(reading)
  })
  const detail = `${[...ids].join(", ")} took no memory and did no work`
  return { evidence: missing.length > 0 ? [] : [{ from: "devices beside it", agrees: true, detail }], missing }
}

const whyNotAtRest = ({
  device,
  idleUtilization,
  usedDeltaBytes,
  utilization: during,
}: ObservedDevice): ReadonlyArray<string> => {
  const reasons = [
    ...("absent" in usedDeltaBytes
      ? [`memory in use: ${usedDeltaBytes.absent}`]
      : usedDeltaBytes.value > NOISE_BYTES
        ? [`memory in use grew by ${mib(usedDeltaBytes.value)}`]
        : []),
    ...("absent" in during
      ? [`utilization: ${during.absent}`]
      : during.value > (idleUtilization ?? 0) + NOISE_UTILIZATION
        ? [`it was at work up to ${percent(during.value)} of the time`]
        : []),
  ]
  return reasons.length === 0 ? [] : [`${device}: ${reasons.join("; ")}`]
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
