import {
  type CellSpec,
  CPU,
  type Effective,
  type EngineBuffer,
  placementName,
  type PlacementProof,
  reason,
  type Requested,
  type VerdictReason,
} from "@rigbook/core"

/**
 * Share of all predicted bytes by which a device may differ. Engines round and align what they report (by less than
 * 0.1 % in recorded logs); one layer of a model with a hundred of them is twice this.
 */
const TOLERANCE = 0.005

interface Evidence {
  readonly cell: CellSpec
  readonly requested: Pick<Requested, "buffers">
  readonly effective: Effective | undefined
  readonly proof: PlacementProof
}

/** Compares the requested placement with the one that the engine reports. Pure. */
export const judgePlacement = (evidence: Evidence): ReadonlyArray<VerdictReason> => [
  ...devices(evidence),
  ...outside(evidence),
  ...unproven(evidence),
  ...memoryUnknown(evidence.cell),
]

const devices = ({ cell: { placement }, effective, requested }: Evidence): ReadonlyArray<VerdictReason> => {
  if (effective === undefined) return []
  const wanted = [...placement.devices].toSorted().join(", ")
  if (effective.devices.length === 0)
    return [reason("device-unverified", `requested ${wanted}; the engine does not report where its weights are`)]
  const found = [...effective.devices].toSorted().join(", ")
  const { buffers } = requested
  const stranger = effective.devices.some((device) => device !== CPU && !placement.devices.includes(device))
  if (buffers === undefined || stranger)
    return wanted === found ? [] : [reason("device-mismatch", `requested ${wanted}, the weights are on ${found}`)]
  if (wanted === found && agree(buffers, effective.buffers)) return []
  return [
    reason("placement-mismatch", `requested ${placementName(placement)}: ${bothShares(buffers, effective.buffers)}`),
  ]
}

/** What devices hold beside what was planned, in shares of both; `undefined` if the two agree. Pure. */
export const layoutDifference = (
  wanted: ReadonlyArray<EngineBuffer>,
  found: ReadonlyArray<EngineBuffer>,
): string | undefined => (agree(wanted, found) ? undefined : bothShares(wanted, found))

const bothShares = (wanted: ReadonlyArray<EngineBuffer>, found: ReadonlyArray<EngineBuffer>): string => {
  const kinds = new Set(wanted.map(({ kind }) => kind))
  const held = found.filter(({ kind }) => kinds.has(kind))
  // Host memory beside the devices is named only if nothing is elsewhere.
  const beside = held.filter(({ device }) => device !== CPU)
  return `${shares(wanted)}; found ${shares(beside.length > 0 ? beside : held)}`
}

/** Outside observations contradict the placement, whatever the engine reports. */
const outside = ({ cell: { placement }, proof }: Evidence): ReadonlyArray<VerdictReason> => {
  const against = proof.evidence.filter(({ agrees, from }) => !agrees && from !== "engine")
  return against.map(({ detail, from }) =>
    reason("device-mismatch", `requested ${placementName(placement)}; by the ${from}, ${detail}`),
  )
}

/** The engine agrees, and nothing that does not depend on it could have said otherwise. */
const unproven = ({ cell: { placement }, effective, proof }: Evidence): ReadonlyArray<VerdictReason> =>
  proof.state !== "unverified" || effective === undefined || effective.devices.length === 0
    ? []
    : [
        reason(
          "placement-unverified",
          `requested ${placementName(placement)}; the engine agrees, an independent witness is missing: ${(proof.missing ?? []).join("; ")}`,
        ),
      ]

const agree = (wanted: ReadonlyArray<EngineBuffer>, found: ReadonlyArray<EngineBuffer>): boolean => {
  const total = sum(wanted)
  return wanted.every((buffer) => {
    const held = sum(found.filter(({ device, kind }) => device === buffer.device && kind === buffer.kind))
    return Math.abs(held - buffer.bytes) <= TOLERANCE * total
  })
}

const sum = (buffers: ReadonlyArray<EngineBuffer>): number => buffers.reduce((total, { bytes }) => total + bytes, 0)

/** Such as `GPU-1 37 % (33.8 MiB), GPU-2 63 % (58.3 MiB)`. */
const shares = (buffers: ReadonlyArray<EngineBuffer>): string => {
  const total = sum(buffers)
  if (total === 0) return "nothing"
  return [...Map.groupBy(buffers, ({ device }) => device)]
    .map(([device, held]) => {
      const bytes = sum(held)
      return `${device} ${((100 * bytes) / total).toFixed(0)} % (${(bytes / 2 ** 20).toFixed(1)} MiB)`
    })
    .join(", ")
}

const memoryUnknown = ({ host, placement }: CellSpec): ReadonlyArray<VerdictReason> => {
  const unknown = host.devices.filter(({ freeBytes, id }) => freeBytes === undefined && placement.devices.includes(id))
  return unknown.length === 0
    ? []
    : [reason("memory-unknown", `the memory of ${unknown.map(({ id }) => id).join(" and ")} is unknown`)]
}
