import type { PlannedCell } from "../plan/PlannedCell.ts"
import type { Cell } from "../plan/Cell.ts"
import { interleaved } from "./Interleave.ts"

/**
 * The cells of a plan that can be run, config by config, in the order of the run. `auto` and a device's name may
 * give the same placement: that is one cell.
 */
export const cellsToRun = <R>(planned: ReadonlyArray<PlannedCell<R>>): ReadonlyArray<Cell<R>> => {
  const byConfig = Map.groupBy(planned, ({ config }) => config.id)
  return [...byConfig.values()].flatMap((cells) => {
    const once = new Map<string, Cell<R>>()
    for (const { cell } of cells)
      if ("value" in cell && !once.has(cell.value.spec.identity)) once.set(cell.value.spec.identity, cell.value)
    return interleaved([...once.values()])
  })
}
