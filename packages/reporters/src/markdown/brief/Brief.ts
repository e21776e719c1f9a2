import type { Registry, RunRecord } from "@rigbook/core"
import type { Family } from "@rigbook/registry"
import { familiesIn } from "../../Families.ts"
import { REGISTRY_FOLDER } from "../../paths.ts"
import { type Plot, plotsOf } from "../../plots/Plots.ts"
import { type Variant, variantsOf } from "../../Variants.ts"
import { href, text } from "../escape.ts"
import { References } from "../References.ts"

/** The page of all models, beside REGISTRY.md. */
export const ALL_MODELS = "all-models.md"

/** What the sections of REGISTRY.md are made with. */
export interface Brief {
  readonly registry: Registry
  readonly families: ReadonlyArray<Family>
  readonly records: ReadonlyArray<RunRecord>
  readonly references: References
  readonly plots: ReadonlyMap<string, Plot>
  readonly familyOf: (record: RunRecord) => Family
  readonly variantOf: (record: RunRecord) => Variant
}

export const briefOf = (registry: Registry): Brief => {
  const families = familiesIn(registry)
  const familyById = new Map(families.flatMap((family) => family.entries.map(({ id }) => [id, family] as const)))
  const familyOf = ({ cell }: RunRecord): Family => familyById.get(cell.config.id)!
  return {
    registry,
    families,
    records: registry.entries.flatMap((entry) => entry.records),
    references: new References(REGISTRY_FOLDER),
    plots: plotsOf(registry),
    familyOf,
    variantOf: (record) => variantsOf(familyOf(record)).find(({ records }) => records.includes(record))!,
  }
}

/** The page of a family, from the folder of REGISTRY.md. */
export const pageOf = ({ id }: Family): string => `${href(id)}.md`

/** `[Q4_1 · llamacpp](smollm2-135m-instruct.md#…)` */
export const variantLink = (family: Family, variant: Variant): string =>
  `[${text(variant.label)}](${pageOf(family)}#${variant.anchor})`

/** `[SmolLM2 135M Instruct](smollm2-135m-instruct.md)` */
export const familyLink = (family: Family): string => `[${text(family.name)}](${pageOf(family)})`

/** A sentence for a list that was cut, or nothing. */
export const leftOut = (shown: number, all: number, what: string): string =>
  shown === all ? "" : `${shown} of ${all} ${what}; the others are in [${ALL_MODELS}](${ALL_MODELS}).`
