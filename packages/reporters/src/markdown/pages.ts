import type { Registry, Reporter } from "@rigbook/core"
import { familiesIn } from "../Families.ts"
import { plotsOf } from "../plots/Plots.ts"
import type { Theme } from "../plots/Svg.ts"
import { allModelsPage } from "./allModels.ts"
import { ALL_MODELS } from "./brief/Brief.ts"
import { PLOTS } from "./brief/picture.ts"
import { familyPage } from "./family.ts"

const THEMES: ReadonlyArray<Theme> = ["light", "dark"]

/** The files beside REGISTRY.md: a page for each family that has a run or a note, one of all models, and plots. */
export const registryPages: NonNullable<Reporter["registryPages"]> = function* (registry: Registry) {
  const { entries, imported, planned } = registry
  for (const family of familiesIn(registry))
    if (family.entries.length > 0) yield { name: `${family.id}.md`, parts: () => familyPage(family, registry) }
  if (entries.length + imported.length + planned.length > 0)
    yield { name: ALL_MODELS, parts: () => allModelsPage(registry) }
  for (const [name, plot] of plotsOf(registry))
    for (const theme of THEMES) yield { name: `${PLOTS}/${name}-${theme}.svg`, parts: () => [plot(theme)] }
}
