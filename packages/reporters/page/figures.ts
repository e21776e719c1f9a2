import { MISSING, significant, withUnit } from "../src/format.ts"
import type { PageData } from "../src/html/PageData.ts"
import type { PageRun, PageValue } from "../src/html/PageRun.ts"
import { type MemoryUnit, memoryUnit, uncertain } from "../src/Uncertain.ts"
import type { Column } from "./DataTable.ts"
import { element } from "./element.ts"

/** A metric's figures in a run; `undefined` where it has none. */
export const figuresOf = (run: PageRun, metric: string): Exclude<PageValue, string> | undefined => {
  const value = run.values[metric]
  return value === undefined || typeof value === "string" ? undefined : value
}

/** Why a run has no figure of a metric. */
export const whyMissing = (run: PageRun, metric: string): string => {
  const value = run.values[metric]
  return typeof value === "string" ? value : (run.failure ?? "this run does not measure it")
}

/** A dash that says why: to a pointer, and to a screen reader. */
export const missing = (why: string): HTMLElement =>
  element(
    "span",
    { class: "missing", title: `Not measured: ${why}` },
    element("span", { "aria-hidden": "true" }, MISSING),
    element("span", { class: "unseen" }, `not measured: ${why}`),
  )

/** A figure marked by the run's verdict: struck through if the run is invalid. */
export const read = ({ verdict }: PageRun, shown: Node | string): Node | string =>
  verdict === "invalid"
    ? element("s", { title: "The run is invalid: this figure does not mean what it says" }, shown)
    : shown

/** `98 ± 7 tokens/s`, with its unit in small letters unless a heading has it; or why there is none. */
export const figureOf = (
  { metrics }: PageData,
  run: PageRun,
  metric: string,
  { memory, unit = true }: { readonly unit?: boolean; readonly memory?: MemoryUnit | undefined } = {},
): Node | string => {
  const figures = figuresOf(run, metric)
  const known = metrics[metric]
  if (figures === undefined || known === undefined) return missing(whyMissing(run, metric))
  const shown = uncertain(figures, known.unit, memory)
  const isNamed = unit && known.unit !== "B" && known.unit !== "score"
  return read(run, isNamed ? element("span", {}, shown, element("span", { class: "unit" }, ` ${known.unit}`)) : shown)
}

/** The unit of a column or row with the memory of these runs. */
export const memoryOf = (runs: ReadonlyArray<PageRun>, metric: string): MemoryUnit =>
  memoryUnit(runs.map((run) => figuresOf(run, metric)?.median))

/** A column of a metric's medians with their intervals in `runs`, where any run has the metric. */
export const metricColumn = (
  data: PageData,
  metric: string,
  runs: ReadonlyArray<PageRun> = data.runs,
): ReadonlyArray<Column<PageRun>> => {
  const known = data.metrics[metric]
  if (known === undefined) return []
  const memory = memoryOf(runs, metric)
  return [
    {
      header: withUnit(known.label ?? known.title, known.unit),
      figure: known.better,
      key: (run) => figuresOf(run, metric)?.median,
      cell: (run) => figureOf(data, run, metric, { memory, unit: false }),
    },
  ]
}

/** A quantization with its true bits, where the server reports them. */
export const weightsText = ({
  bits,
  quantization,
}: {
  readonly bits?: number
  readonly quantization: string
}): string => (bits === undefined ? quantization : `${quantization} (${significant(bits, 3)} bits per weight)`)
