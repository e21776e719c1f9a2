import type { Metric } from "./Metric.ts"
import type { RunRecord } from "./record/RunRecord.ts"
import type { Registry } from "./registry/Registry.ts"

/** What a file holds: text, or the bytes of a format such as SQLite's or Parquet's. */
export type FileContent = string | Uint8Array

/** Pure functions from records, or from the registry made from them, to what files hold. */
export interface Reporter<Content extends FileContent = string> {
  readonly id: string
  /** Without the dot. */
  readonly extension: string
  readonly registry: (registry: Registry) => Content
  /** The same content in parts, to be written one after the other: a large registry's text is never complete in memory. */
  readonly registryParts?: (registry: Registry) => Iterable<Content>
  /**
   * Files beside the registry's own, by their names relative to the folder `models`, each in parts that are made when they
   * are needed. A generated file that is no longer named is removed.
   */
  readonly registryPages?: (
    registry: Registry,
  ) => Iterable<{ readonly name: string; readonly parts: () => Iterable<Content> }>
  /**
   * `plots`: file names of plots that lie beside the report, by record id. `metrics`: those that may request columns,
   * by default only Rigbook's.
   */
  readonly report: (
    records: ReadonlyArray<RunRecord>,
    plots?: ReadonlyMap<string, string>,
    metrics?: ReadonlyArray<Metric>,
  ) => Content
}
