import { CPU } from "../host/Host.ts"
import { absent, type Measured, measured } from "../Measured.ts"
import { bytesOf, type DemandPart } from "../placement/Demand.ts"
import type { RunRecord } from "./RunRecord.ts"

/** What was estimated of a device's memory before a run, and what was found in it. */
export interface Estimate {
  readonly device: string
  /** Names of the parts that lie in one kind of the engine's buffers, or the one part that lies in none. */
  readonly parts: ReadonlyArray<string>
  readonly bytes: number
  /** The weakest basis of the parts. */
  readonly basis: DemandPart["basis"]
  /** In bytes: what the engine says that it holds, or for the sum on the processor the largest memory seen. */
  readonly found: Measured
}

const BASES = ["heuristic", "formula", "exact"] as const

/** Estimates of a record beside what was found, device by device; none of records that hold no estimate. Pure. */
export const estimatesOf = ({ cell, effective, observed, requested }: RunRecord): ReadonlyArray<Estimate> =>
  (requested.demand ?? []).flatMap(({ device, parts }) => {
    const of = (group: ReadonlyArray<DemandPart>, found: Measured): Estimate => ({
      device,
      parts: group.map(({ name }) => name),
      bytes: bytesOf(group),
      basis: BASES.find((basis) => group.some((part) => part.basis === basis)) ?? "exact",
      found,
    })
    const held = (kind: string): Measured => {
      const buffers = effective?.buffers.filter((buffer) => buffer.device === device && buffer.kind === kind) ?? []
      return buffers.length === 0 ? absent("not told by the engine") : measured(bytesOf(buffers))
    }
    const kinds = Map.groupBy(
      parts.filter(({ buffer }) => buffer !== undefined),
      ({ buffer }) => buffer!,
    )
    const alone = cell.placement.devices.every((id) => id === CPU)
    const peak = observed.peakRssBytes
    return [
      ...[...kinds].map(([kind, group]) => of(group, held(kind))),
      ...parts.filter(({ buffer }) => buffer === undefined).map((part) => of([part], absent("in none of its buffers"))),
      ...(alone ? [{ ...of(parts, peak), parts: ["all, by resident memory"] }] : []),
    ]
  })

/** By how much an estimate is off, as a share of what was found; positive where it is too high. */
export const estimateError = ({ bytes, found }: Estimate): Measured =>
  "absent" in found ? found : found.value === 0 ? absent("nothing was found") : measured(bytes / found.value - 1)
