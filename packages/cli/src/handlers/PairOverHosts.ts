import type { RunRecord } from "@rigbook/core"
import { folderOf, readAllRecords, readTelemetry, type Workspace } from "@rigbook/records"
import { type Comparable, overHosts, type Pairing } from "@rigbook/registry"
import { Effect } from "effect"
import { usageFailure } from "../Failure.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { latestRecords } from "./SelectRecords.ts"

/** The latest records whose id or model has this word, of this workspace and of all that was pulled, by host. */
export const pairOverHosts = Effect.fn("PairOverHosts.pairOverHosts")(function* (word: string) {
  const workspace = yield* openWorkspace
  const { records } = yield* readAllRecords(workspace)
  const wanted = word.toLowerCase()
  const named = records.filter(({ cell, id }) =>
    [id, cell.config.name].some((text) => text.toLowerCase().includes(wanted)),
  )
  if (named.length === 0)
    return yield* usageFailure(`No record's id and no model's name contains "${word}". List records with: rigbook runs`)
  const pairing = overHosts(latestRecords(named))
  if (pairing.pairs.length === 0)
    return yield* usageFailure(
      new Set(named.map(({ cell }) => cell.host.fingerprint)).size > 1
        ? `No two hosts measured the same model in the same scenario among the records of "${word}".`
        : `"${word}" was measured on one host only. Take the records of another one with rigbook pull, or name two sides.`,
    )
  const caps = yield* powerCaps(workspace, pairing.pairs.flat())
  const withCaps = (record: RunRecord): Comparable => Object.assign({}, record, caps.get(record.id))
  const all: Pairing = {
    pairs: pairing.pairs.map(([a, b]) => [withCaps(a), withCaps(b)]),
    onlyInA: pairing.onlyInA,
    onlyInB: pairing.onlyInB,
  }
  return all
})

/** Power limits as the telemetry of each run has them; a run without has none. */
const powerCaps = Effect.fnUntraced(function* (workspace: Workspace, records: ReadonlyArray<RunRecord>) {
  const found = new Map<string, Pick<Comparable, "powerCapsW">>()
  for (const record of new Set(records)) {
    if (!record.cell.host.devices.some(({ kind }) => kind === "gpu")) continue
    const openings = yield* readTelemetry(folderOf(workspace, record))
    const devices = openings.at(-1)?.readings.at(-1)?.devices ?? {}
    const watts = record.cell.placement.devices.flatMap((id) => devices[id]?.powerCapW ?? [])
    if (watts.length > 0) found.set(record.id, { powerCapsW: watts })
  }
  return found
})
