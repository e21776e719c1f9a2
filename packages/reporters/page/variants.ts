import type { PageFamily, PagePlanned, PageVariant } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import { chosen, type Criteria } from "./criteria.ts"

/** A row of the table of models: a variant by the run that stands for it, or a model that is planned. */
export type ModelRow = { readonly family: PageFamily } & (
  | { readonly variant: PageVariant; readonly run: PageRun; readonly runs: ReadonlyArray<PageRun> }
  | { readonly variant?: undefined; readonly planned: PagePlanned }
)

/** The variants of the shown runs, and the planned models, by family. Pure. */
export const modelRows = (
  catalog: Catalog,
  shown: ReadonlyArray<PageRun>,
  criteria: Criteria,
): ReadonlyArray<ModelRow> => {
  const { data } = catalog
  const here = new Set(shown)
  const measured = data.variants.flatMap((variant): ReadonlyArray<readonly [number, ModelRow]> => {
    const runs = variant.runs.map((place) => data.runs[place]!).filter((run) => here.has(run))
    const usual = data.runs[variant.shown]!
    const run = here.has(usual) ? usual : (runs.find(({ verdict }) => verdict !== "invalid") ?? runs[0])
    return run === undefined
      ? []
      : [[variant.family, { family: data.families[variant.family]!, variant, run, runs }] as const]
  })
  const planned = chosen(catalog, data.planned, criteria).map(
    (model) => [model.family, { family: data.families[model.family]!, planned: model }] as const,
  )
  return [...measured, ...planned].toSorted(([a], [b]) => a - b).map(([, row]) => row)
}
