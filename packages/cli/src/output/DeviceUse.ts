import { type Host, scenarioName, type UnusableDevice } from "@rigbook/core"
import type { PlannedCell } from "@rigbook/runner"
import { nameIn } from "./FitLine.ts"

/** GPUs that an engine can't use, those with the same reason together: `cuda:0 and cuda:1`, why, and what to do. */
export const unusableGroups = (unusable: ReadonlyArray<UnusableDevice>, host: Host) =>
  [...Map.groupBy(unusable, ({ fix, why }) => JSON.stringify([why, fix])).values()].map((alike) => ({
    devices: alike.map(({ device }) => nameIn(host, device)).join(" and "),
    why: alike[0]!.why,
    fix: alike[0]!.fix,
  }))

/** GPUs that a run skips because an engine can't use them, in a sentence each. */
export const passedOverGpus = <R>(cells: ReadonlyArray<PlannedCell<R>>): ReadonlyArray<string> => [
  ...new Set(
    cells.flatMap(({ backend, host, unusable }) =>
      unusableGroups(unusable, host).map(({ devices, fix, why }) => `${backend} can't use ${devices}: ${why} ${fix}`),
    ),
  ),
]

/** Scenarios that a run leaves out because they don't fit, in a sentence each. */
export const unfitCells = <R>(cells: ReadonlyArray<PlannedCell<R>>): ReadonlyArray<string> =>
  cells.flatMap(({ backend, config, optional, placement, scenario }) =>
    optional === true && "absent" in placement
      ? [`${config.id} · ${backend} · ${scenarioName(scenario)} is left out: ${placement.absent}`]
      : [],
  )

/** The command in a sentence: what stands between backquotes. */
export const commandIn = (fix: string): string | undefined => /`(rigbook [^`]+)`/.exec(fix)?.[1]
