import {
  type CellSpec,
  type MetricValue,
  placementName,
  scenarioName,
  type Scored,
  type Truncation,
  type Verdict,
} from "@rigbook/core"

/** What of a record a comparison needs. A `RunRecord` is one; so is what a registry's JSON says of a run. */
export interface Comparable {
  readonly id: string
  readonly startedAt: string
  readonly cell: Pick<CellSpec, "task" | "backend" | "placement" | "scenario"> & {
    readonly config: Pick<CellSpec["config"], "id">
    readonly prompts: Pick<CellSpec["prompts"], "sha256">
    readonly host: Pick<CellSpec["host"], "fingerprint">
  }
  readonly verdict: Verdict
  /** What was cut off its documents; left out where nobody looked. */
  readonly truncation?: Truncation
  /** Of quality, query by query or pair by pair; left out where it is not at hand, as in a registry's JSON. */
  readonly scored?: Scored
  readonly values: ReadonlyArray<ComparableValue>
}

/** A metric's values by trial, or why there are none. */
export interface ComparableValue extends Omit<MetricValue, "result"> {
  /** Each measured trial, in their order, in the metric's unit; null where one has no value. */
  readonly result: { readonly trials: ReadonlyArray<number | null> } | { readonly absent: string }
}

/** What the figures of a record are of, for people. */
export const comparableName = ({ cell: { backend, config, placement, scenario } }: Comparable): string =>
  [config.id, backend, placementName(placement), scenarioName(scenario)].join(" · ")
