import type { PageData } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Column } from "./DataTable.ts"
import { metricColumn } from "./figures.ts"
import { modelLink, recordLink, runLink } from "./links.ts"
import { verdictMark, verdictText, WEIGHT } from "./verdict.ts"

export const MODEL: Column<PageRun> = {
  header: "Model",
  names: true,
  key: ({ name }) => name,
  cell: ({ model, name }) => modelLink({ id: model, name }),
}

const text = (header: string, of: (run: PageRun) => string): Column<PageRun> => ({ header, key: of, cell: of })

/** What distinguishes a run from the others of its model. */
export const IDENTIFYING: ReadonlyArray<Column<PageRun>> = [
  text("Quantization", ({ quantization }) => quantization),
  text("Backend", ({ backend }) => backend),
  text("Placement", ({ placement }) => placement),
  {
    header: "Scenario",
    key: ({ scenario }) => scenario,
    cell: (run) => runLink(run, run.scenario),
  },
]

/** Its verdict and its record, which every row of a run ends with. */
export const CLOSING: ReadonlyArray<Column<PageRun>> = [
  {
    header: "Verdict",
    key: (run) => `${WEIGHT[run.verdict]} ${verdictText(run)}`,
    cell: verdictMark,
  },
  { header: "Record", key: ({ started, id }) => `${started} ${id}`, cell: (run) => recordLink(run, run.started) },
]

/** All columns of a task's runs. One host needs no column. */
export const runColumns = (data: PageData, task: PageRun["task"]): ReadonlyArray<Column<PageRun>> => [
  MODEL,
  ...IDENTIFYING,
  ...(new Set(data.runs.map(({ host }) => host)).size > 1 ? [text("Host", ({ host }) => host)] : []),
  ...data.columns.runs[task].flatMap((metric) => metricColumn(data, metric)),
  ...CLOSING,
]
