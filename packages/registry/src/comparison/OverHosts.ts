import type { RunRecord } from "@rigbook/core"
import { originOfHost } from "@rigbook/records"
import { Order } from "effect"
import { originOf } from "../registry/SameModel.ts"
import { pairBy, type Pairing } from "./PairRecords.ts"

/** Devices have other ids on every host: which kinds of them a run was placed on. */
const shapeOf = ({ host, placement: { devices, strategy } }: RunRecord["cell"]) => [
  strategy,
  ...devices.map((id) => host.devices.find((device) => device.id === id)?.kind ?? id),
]

/** What runs of one model on two hosts may have in common, from most to least. */
const KEYS: ReadonlyArray<(record: RunRecord) => unknown> = [
  ({ cell }) => [originOf(cell.model), cell.config.id, cell.backend, shapeOf(cell), cell.scenario],
  ({ cell }) => [originOf(cell.model), cell.options, cell.backend, shapeOf(cell), cell.scenario],
  ({ cell }) => [originOf(cell.model), cell.backend, shapeOf(cell), cell.scenario],
  ({ cell }) => [originOf(cell.model), shapeOf(cell), cell.scenario],
]

/**
 * The same models on several hosts, side by side: this workspace's own host with the most runs, else the first by name,
 * against every other one. Pure.
 */
export const overHosts = (records: ReadonlyArray<RunRecord>): Pairing<RunRecord> => {
  const hosts = [...Map.groupBy(records, ({ cell }) => cell.host.fingerprint)].toSorted(
    ([a, ofA], [b, ofB]) => rank(a) - rank(b) || ofB.length - ofA.length || Order.String(a, b),
  )
  const [[, base] = ["", []], ...others] = hosts
  const pairings = others.map(([, other]) => pairBy(base, other, KEYS))
  const paired = new Set(pairings.flatMap(({ pairs }) => pairs.map(([a]) => a)))
  return {
    pairs: pairings.flatMap(({ pairs }) => pairs),
    onlyInA: base.filter((record) => !paired.has(record)),
    onlyInB: pairings.flatMap(({ onlyInB }) => onlyInB),
  }
}

const rank = (fingerprint: string): number => (originOfHost({ fingerprint }) === undefined ? 0 : 1)
