import type { Entry, PlannedModel, RunRecord, Task } from "@rigbook/core"
import { visible } from "@rigbook/core"
import { type Family, familiesOf } from "@rigbook/registry"
import { fitText, shownEstimate } from "../../FitText.ts"
import { href } from "../../markdown/escape.ts"
import { REGISTRY_FOLDER, relativePath } from "../../paths.ts"
import { familyFacts } from "../../Families.ts"
import { commonness, shownRun, variantsOf } from "../../Variants.ts"
import type { PageData, PagePlanned } from "../PageData.ts"

/** Models with their variants and what is planned of them; `records`: all that the page shows, in its order. */
export const pageFamilies = (
  entries: ReadonlyArray<Entry>,
  planned: ReadonlyArray<PlannedModel>,
  records: ReadonlyArray<RunRecord>,
): Pick<PageData, "families" | "planned" | "variants"> => {
  const families = familiesOf(entries, planned)
  const places = new Map(records.map((record, place) => [record, place]))
  const variants = families.map(variantsOf)
  const common = new Map(
    (["generate", "embed"] as const).map((task: Task) => [
      task,
      commonness(variants.flat().filter((variant) => variant.task === task)),
    ]),
  )
  const placeOf = (record: RunRecord): number => places.get(record)!
  return {
    families: families.map((family) => ({
      name: visible(family.name),
      facts: visible(familyFacts(family)),
      href: `${href(family.id)}.md`,
      use: visible(usesOf(family).join("; ")),
    })),
    variants: variants.flatMap((of, family) =>
      of.map((variant) => ({
        family,
        label: visible(variant.label),
        runs: variant.records.map(placeOf),
        shown: placeOf(shownRun(variant, common.get(variant.task)!)),
      })),
    ),
    planned: families.flatMap(({ planned: of }, family) => of.map((model) => pagePlanned(model, family))),
  }
}

const usesOf = ({ entries, planned }: Family): ReadonlyArray<string> => [
  ...new Set([...entries.flatMap(({ planned: of }) => of?.use ?? []), ...planned.map(({ use }) => use)]),
]

const pagePlanned = (model: PlannedModel, family: number): PagePlanned => {
  const estimate = shownEstimate(model)
  return {
    id: model.id,
    name: visible(model.name),
    family,
    task: model.task,
    href: href(relativePath(REGISTRY_FOLDER, model.path)),
    use: visible(model.use),
    ...(estimate === undefined
      ? {}
      : {
          weights: visible(estimate.quantization),
          parameters: estimate.parameters,
          bytes: estimate.bytes,
          fits: estimate.placement !== undefined,
        }),
    ...(model.host === undefined ? {} : { host: visible(model.host) }),
    text: visible(fitText(model)),
  }
}
