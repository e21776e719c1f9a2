import type { ModelFacts } from "@rigbook/core"
import type { NamedConfig } from "@rigbook/records"
import type { Mapping } from "./TryConfig.ts"

/** One file of a family, by a config that names it. */
export interface Member {
  readonly id: string
  /** What its engine says the file is. */
  readonly model: ModelFacts
  readonly config: Mapping
  readonly read: NamedConfig
  /** Of the config's file. */
  readonly folder: string
}

/** With most bits first: what a family's quantizations are measured against. */
export const byBits = ({ model: a }: Member, { model: b }: Member): number => b.bitsPerWeight - a.bitsPerWeight
