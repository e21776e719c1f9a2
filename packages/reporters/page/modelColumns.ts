import { bytes, MISSING, significant } from "../src/format.ts"
import type { PageData, PageModel, PageRun } from "../src/html/PageData.ts"
import { countVerdicts, starsMark, verdictTally } from "../src/html/marks.ts"
import type { Column } from "./DataTable.ts"
import { element, elementOf } from "./element.ts"
import { figuresOf, missing } from "./figures.ts"
import { modelLink, runLink } from "./links.ts"

type Task = PageRun["task"]
type Facts = NonNullable<PageModel["facts"]>

const fact = (
  header: string,
  key: (facts: Facts) => number | string | undefined,
  show: (facts: Facts) => string | Node,
  figure?: "lower",
): Column<PageModel> => ({
  header,
  ...(figure === undefined ? {} : { figure }),
  key: ({ facts }) => facts && key(facts),
  cell: ({ facts }) => (facts === undefined ? missing("no run recorded yet") : show(facts)),
})

const reported = (value: number | undefined, show: (value: number) => string): string | Node =>
  value === undefined ? missing("not reported by its server") : show(value)

const count = (weights: number): string =>
  weights >= 1e9 ? `${significant(weights / 1e9, 3)} B` : `${significant(weights / 1e6, 3)} M`

/** One row for each model, with its fastest run that is not invalid and its best stars. */
export const modelColumns = ({ metrics, roles }: PageData, runsOf: ReadonlyMap<string, ReadonlyArray<PageRun>>) => {
  const holding = (id: string) => (runsOf.get(id) ?? []).filter(({ verdict }) => verdict !== "invalid")
  const speedOf = (run: PageRun) => figuresOf(run, roles.speed[run.task])?.median
  const tasks = (["generate", "embed"] as const).filter((task) => metrics[roles.speed[task]] !== undefined)
  const fastestColumn = (task: Task): Column<PageModel> => {
    const fastest = ({ id }: PageModel) =>
      holding(id)
        .filter((run) => run.task === task)
        .reduce<PageRun | undefined>(
          (best, run) => ((speedOf(run) ?? -1) > ((best && speedOf(best)) ?? -1) ? run : best),
          undefined,
        )
    return {
      header: task === "generate" ? "Fastest decode (tokens/s)" : "Most docs/s",
      figure: "higher",
      key: (model) => {
        const run = fastest(model)
        return run && speedOf(run)
      },
      cell: (model) => {
        const run = fastest(model)
        const speed = run && speedOf(run)
        return run === undefined || speed === undefined
          ? missing("no run of this kind that is not invalid")
          : runLink(run, significant(speed))
      },
    }
  }
  const starsOf = ({ ratings }: PageModel) =>
    ratings.reduce<number | undefined>(
      (most, { stars }) => (stars === undefined ? most : Math.max(most ?? 0, stars)),
      undefined,
    )
  const columns: ReadonlyArray<Column<PageModel>> = [
    { header: "Model", names: true, key: ({ name }) => name, cell: modelLink },
    fact(
      "Quantization",
      ({ quantization }) => quantization,
      ({ quantization }) => quantization,
    ),
    ...tasks.map(fastestColumn),
    {
      header: "Most stars",
      figure: "higher",
      key: starsOf,
      cell: (model) => {
        const stars = starsOf(model)
        return stars === undefined
          ? missing(model.ratings.length === 0 ? "no rule rates it" : "no run of it is rated; its page says why")
          : element("span", { class: "rated" }, elementOf(starsMark(stars)), ` ${stars} of 5`)
      },
    },
    {
      header: "Runs by verdict",
      figure: "higher",
      key: ({ id }) => runsOf.get(id)?.length ?? 0,
      cell: ({ id }) => verdictCounts(runsOf.get(id) ?? []),
    },
    fact(
      "Architecture",
      ({ architecture }) => architecture,
      ({ architecture }) => architecture,
    ),
    fact(
      "Parameters",
      ({ parameters }) => parameters,
      ({ parameters }) => reported(parameters, count),
      "lower",
    ),
    fact(
      "Bits per weight",
      ({ bits }) => bits,
      ({ bits }) => reported(bits, (value) => significant(value, 3)),
      "lower",
    ),
    fact(
      "File size",
      ({ fileBytes }) => fileBytes,
      ({ fileBytes }) => reported(fileBytes, bytes),
      "lower",
    ),
  ]
  return columns
}

/** `3 valid 1 suspect`. */
export const verdictCounts = (runs: ReadonlyArray<PageRun>): Node | string =>
  runs.length === 0 ? MISSING : element("span", { class: "tally" }, ...verdictTally(countVerdicts(runs)).map(elementOf))
