import { type Equivalence, type RunRecord, scenarioName, weightsName } from "@rigbook/core"
import { byRecord } from "@rigbook/registry"
import { engineComparison, type EngineGroup } from "../EngineComparison.ts"
import { runtimeName } from "../names.ts"
import { equivalenceSection } from "./equivalence.ts"
import { blocks, text } from "./escape.ts"
import { closing, figureColumns, PLACEMENT, type RecordColumn, type Showing } from "./overview.ts"
import { table } from "./table.ts"

/** Comparisons of engines, indexed so that each model's part of a page is found without searching all others. */
export interface EngineIndex {
  readonly groups: ReadonlyMap<string, ReadonlyArray<EngineGroup>>
  readonly pairs: ReadonlyMap<string, ReadonlyArray<Equivalence>>
}

/** Groups and pairs by the ids of their records. */
export const engineIndex = (
  records: ReadonlyArray<RunRecord>,
  equivalences: ReadonlyArray<Equivalence>,
): EngineIndex => {
  const groups = new Map<string, Array<EngineGroup>>()
  for (const group of engineComparison(records))
    for (const { id } of group) groups.set(id, [...(groups.get(id) ?? []), group])
  return { groups, pairs: byRecord(equivalences) }
}

/**
 * One model on several engines: their figures side by side, and whether they answer the same. `ids` are the records
 * that the page, or its part, is about: tables without any of them are left out. Nothing without a second engine.
 */
export const enginesSection = (
  { groups, pairs }: EngineIndex,
  ids: ReadonlyArray<string>,
  showing: Showing,
): string => {
  const tables = [...new Set(ids.flatMap((id) => groups.get(id) ?? []))].map((group) => groupSection(group, showing))
  const about = [...new Set(ids.flatMap((id) => pairs.get(id) ?? []))]
  const equivalence = equivalenceSection(about, showing.folder)
  return blocks(tables.length === 0 ? "" : blocks("### Engines side by side", ...tables), equivalence)
}

const groupSection = (group: EngineGroup, showing: Showing): string => {
  const { config, host, scenario, task } = group[0].cell
  return blocks(
    `${text(config.name)}, ${text(scenarioName(scenario))}, host ${text(host.fingerprint)}:`,
    table([ENGINE, WEIGHTS, PLACEMENT, ...figureColumns("engines", task, group, showing), ...closing(showing)], group),
  )
}

const ENGINE: RecordColumn = {
  header: "engine",
  cell: (record) => `${text(record.cell.backend)} (${text(runtimeName(record))})`,
}

const WEIGHTS: RecordColumn = {
  header: "weights",
  cell: ({ cell }) => text(`${cell.model.format} ${weightsName(cell.model)}`),
}
