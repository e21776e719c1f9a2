import type { Metric } from "./Metric.ts"
import type { RunRecord } from "./record/RunRecord.ts"
import type { Registry } from "./registry/Registry.ts"

/** Pure functions from records, or from the registry made of them, to a file's text. */
export interface Reporter {
  readonly id: string
  /** Without the dot. */
  readonly extension: string
  readonly registry: (registry: Registry) => string
  /** The same text in parts, to be written one after the other: that of a large registry is never held as a whole. */
  readonly registryParts?: (registry: Registry) => Iterable<string>
  /**
   * Files beside the registry's own, by their names relative to the folder `models`, each in parts that are made when they
   * are asked for. What once was one of them and is not named any more is taken away.
   */
  readonly registryPages?: (
    registry: Registry,
  ) => Iterable<{ readonly name: string; readonly parts: () => Iterable<string> }>
  /**
   * `plots`: file names of plots that lie beside the report, by record id. `metrics`: those that may ask for columns,
   * Rigbook's alone if left out.
   */
  readonly report: (
    records: ReadonlyArray<RunRecord>,
    plots?: ReadonlyMap<string, string>,
    metrics?: ReadonlyArray<Metric>,
  ) => string
}
