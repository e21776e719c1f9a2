import type { CellSpec } from "@rigbook/core"

/**
 * The order in which a config's cells run: scenario by scenario, so that engines and placements that are compared take
 * turns (A B A B) and a machine that warms up does not favour the one that came first.
 */
export const interleaved = <A extends { readonly spec: Pick<CellSpec, "scenario"> }>(
  cells: ReadonlyArray<A>,
): ReadonlyArray<A> => [...Map.groupBy(cells, ({ spec }) => JSON.stringify(spec.scenario)).values()].flat()
