import { absent, bytesOf, CPU, DemandPart, DeviceId, Estimate, Measured, measured, type RunRecord } from "@rigbook/core"

/** What a record's estimates are derived from. */
interface Ran extends Pick<RunRecord, "cell" | "observed" | "requested"> {
  readonly effective?: RunRecord["effective"] | undefined
}

const BASES = ["heuristic", "learned", "formula", "exact"] as const

/** Kept free, and so never observed. */
const MARGIN = "margin"

/** Estimates of a record beside what was observed, device by device; empty for records without estimates. Pure. */
export const estimatesOf = (ran: Ran): ReadonlyArray<Estimate> =>
  (ran.requested.demand ?? []).flatMap(({ device, parts }) => {
    const of = (group: ReadonlyArray<DemandPart>, found: Measured, names = group.map(({ name }) => name)): Estimate => {
      const bytes = bytesOf(group)
      const basis = BASES.find((each) => group.some((part) => part.basis === each)) ?? "exact"
      return { device, parts: names, bytes, basis, found, error: errorOf(bytes, found) }
    }
    const all = parts.filter(({ name }) => name !== MARGIN)
    const peak = observedBytes(ran, device)
    const how = device === CPU ? "all, by resident memory" : "all, by memory in use"
    // How many of the files' pages are resident in host memory beside a GPU is unknown.
    const whole = device === CPU && !isAlone(ran) ? [] : [of(all, peak, [how])]
    return [
      ...[...byBuffer(parts)].map(([kind, group]) => of(group, heldBytes(ran, device, kind))),
      ...parts.filter(({ buffer }) => buffer === undefined).map((part) => of([part], absent(whyNowhere(part)))),
      ...whole,
    ]
  })

const errorOf = (bytes: number, found: Measured): Measured =>
  "absent" in found ? found : found.value === 0 ? absent("nothing was observed") : measured(bytes / found.value - 1)

const whyNowhere = ({ name }: DemandPart): string => (name === MARGIN ? "kept free" : "in none of its buffers")

const byBuffer = (parts: ReadonlyArray<DemandPart>): ReadonlyMap<string, ReadonlyArray<DemandPart>> =>
  Map.groupBy(
    parts.filter(({ buffer }) => buffer !== undefined),
    ({ buffer }) => buffer!,
  )

const isAlone = ({ cell }: Pick<Ran, "cell">): boolean => cell.placement.devices.every((id) => id === CPU)

const heldBytes = ({ effective }: Pick<Ran, "effective">, device: DeviceId, kind: string): Measured => {
  const buffers = effective?.buffers.filter((buffer) => buffer.device === device && buffer.kind === kind) ?? []
  return buffers.length === 0 ? absent("not reported by the engine") : measured(bytesOf(buffers))
}

/**
 * The largest memory observed in use: of a GPU beyond that before the engine started, of the host that of its
 * processes.
 */
export const observedBytes = (ran: Pick<Ran, "cell" | "observed">, device: DeviceId): Measured => {
  if (device === CPU)
    return isAlone(ran) ? ran.observed.peakRssBytes : absent("not distinguishable from the files' pages")
  const found = ran.observed.devices?.find((one) => one.device === device)
  return found?.usedDeltaBytes ?? absent("this device was not read")
}

/**
 * What is known of a device's memory beside `except` and the margin: buffers that the engine reports, else the
 * estimate.
 */
export const knownBytes = (ran: Pick<Ran, "effective" | "requested">, device: DeviceId, except: string): number => {
  const parts = (ran.requested.demand ?? []).flatMap((each) => (each.device === device ? each.parts : []))
  const beside = parts.filter(({ buffer, name }) => buffer === undefined && name !== except && name !== MARGIN)
  const held = [...byBuffer(parts)].map(([kind, group]) => {
    const found = heldBytes(ran, device, kind)
    return "value" in found ? found.value : bytesOf(group)
  })
  return bytesOf(beside) + held.reduce((sum, bytes) => sum + bytes, 0)
}
