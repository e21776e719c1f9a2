import { MISSING, significant } from "../src/format.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { uncertain } from "../src/Uncertain.ts"
import type { Catalog } from "./catalog.ts"
import type { Column } from "./DataTable.ts"
import { element } from "./element.ts"
import { figuresOf, metricColumn, read } from "./figures.ts"
import { runLink } from "./links.ts"
import { CLOSING, MODEL } from "./runColumns.ts"

/** The first figure of quality of a run's variant, with its name; `undefined` where it was not measured. */
export const qualityCell = (
  catalog: Catalog,
  run: PageRun,
): { readonly median: number; readonly node: Node } | undefined => {
  const { data, variantOf } = catalog
  const runs = (variantOf(run)?.runs ?? []).map((place) => data.runs[place]!)
  for (const metric of data.quality)
    for (const of of runs) {
      const figures = figuresOf(of, metric)
      const known = data.metrics[metric]
      if (of.quality === undefined || figures === undefined || known === undefined) continue
      return {
        median: figures.median,
        node: element(
          "span",
          {},
          element("span", { class: "unit" }, `${known.label ?? known.title} `),
          read(of, runLink(of, uncertain(figures, known.unit))),
        ),
      }
    }
  return undefined
}

/** How good answers are: what was measured on what, and what chance gives. */
export const qualityColumns = ({ data }: Catalog): ReadonlyArray<Column<PageRun>> => [
  MODEL,
  { header: "Quantization", key: ({ quantization }) => quantization, cell: ({ quantization }) => quantization },
  { header: "Backend", key: ({ backend }) => backend, cell: ({ backend }) => backend },
  {
    header: "Dataset",
    key: ({ quality }) => quality?.dataset,
    cell: (run) =>
      element(
        "span",
        {},
        runLink(run, run.quality?.dataset ?? run.scenario),
        run.quality?.language === undefined ? "" : `, ${run.quality.language}`,
      ),
  },
  {
    header: "Items",
    figure: "higher",
    key: ({ quality }) => quality?.of,
    cell: ({ quality }) => String(quality?.of ?? MISSING),
  },
  ...data.quality.flatMap((metric) => metricColumn(data, metric)),
  {
    header: "By chance",
    figure: "higher",
    key: ({ quality }) => quality?.chance,
    cell: ({ quality }) => (quality?.chance === undefined ? MISSING : significant(quality.chance, 2)),
  },
  ...CLOSING,
]
