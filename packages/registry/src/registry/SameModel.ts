import type { AnyModel, RunRecord } from "@rigbook/core"
import { linked } from "./Linked.ts"

/** SHA-256 of the file that the weights come from: of the original one if they were unpacked. */
export const originOf = ({ sha256, unpackedFrom }: AnyModel): string => unpackedFrom?.sha256 ?? sha256

/**
 * Records by model, each group in the order given: two are of one model when they share weights, config or name, and
 * so is everything that is linked by such pairs.
 */
export const byModel = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ReadonlyArray<RunRecord>> =>
  linked(records, keysOf)

const keysOf = ({ cell: { config, model } }: RunRecord): readonly [string, ...ReadonlyArray<string>] => [
  `weights ${originOf(model)}`,
  `config ${config.id}`,
  `name ${config.name}`,
]
