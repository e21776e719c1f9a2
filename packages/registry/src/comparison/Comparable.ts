import {
  type CellSpec,
  type MetricValue,
  placementName,
  scenarioName,
  type Scored,
  type Truncation,
  type Verdict,
} from "@rigbook/core"

/** The part of a record that a comparison needs. A `RunRecord` is one, and so is a run in a registry's JSON. */
export interface Comparable {
  readonly id: string
  readonly startedAt: string
  readonly cell: Pick<CellSpec, "task" | "backend" | "placement" | "scenario" | "reference"> & {
    readonly config: Pick<CellSpec["config"], "id">
    readonly prompts: Pick<CellSpec["prompts"], "sha256">
    readonly host: Pick<CellSpec["host"], "fingerprint"> & Partial<Omit<CellSpec["host"], "fingerprint" | "with">>
    /** Left out where it is not at hand, as in a registry's JSON. */
    readonly runtime?: Pick<CellSpec["runtime"], "program" | "version" | "libraries">
  }
  readonly verdict: Verdict
  /** What was cut off its documents; left out if it was not checked. */
  readonly truncation?: Truncation
  /** Of quality, query by query or pair by pair; left out where it is not at hand, as in a registry's JSON. */
  readonly scored?: Scored
  readonly values: ReadonlyArray<ComparableValue>
  /** The power limits of the GPUs that it ran on, in watts, as they were read while it ran; left out where they are not at hand. */
  readonly powerCapsW?: ReadonlyArray<number>
}

/** A metric's values by trial, or why there are none. */
export interface ComparableValue extends Omit<MetricValue, "result"> {
  /** Each measured trial, in their order, in the metric's unit; null if it has no value. */
  readonly result: { readonly trials: ReadonlyArray<number | null> } | { readonly absent: string }
}

/** What a record measured, for people. */
export const comparableName = ({ cell: { backend, config, placement, scenario } }: Comparable): string =>
  [config.id, backend, placementName(placement), scenarioName(scenario)].join(" · ")
