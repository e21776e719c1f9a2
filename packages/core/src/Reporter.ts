import type { Registry } from "./registry/Registry.ts"
import type { RunRecord } from "./run/RunRecord.ts"

/** Pure functions from records, or from the registry made of them, to a file's text. */
export interface Reporter {
  readonly id: string
  /** Without the dot. */
  readonly extension: string
  readonly registry: (registry: Registry) => string
  /** `plots`: file names of plots that lie beside the report, by record id. */
  readonly report: (records: ReadonlyArray<RunRecord>, plots?: ReadonlyMap<string, string>) => string
}
