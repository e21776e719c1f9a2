import { bytes, parameters } from "../src/format.ts"
import { starsMark } from "../src/markup/marks.ts"
import type { PageModel, PageNote } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import type { Column } from "./DataTable.ts"
import { element, elementOf } from "./element.ts"
import { facts, table } from "./facts.ts"
import { missing, weightsText } from "./figures.ts"
import { runLink } from "./links.ts"
import { qualityColumns } from "./quality.ts"
import { runColumns } from "./runColumns.ts"

/** All about one model: its file, its ratings, its runs, and notes by people. */
export const modelDetails = (catalog: Catalog, model: PageModel, runs: ReadonlyArray<PageRun>): ReadonlyArray<Node> => [
  ...(model.use === undefined ? [] : [element("p", {}, `Intended use: ${model.use}`)]),
  model.facts === undefined ? element("p", {}, "No run recorded yet.") : modelFacts(model.facts),
  ...(["generate", "embed"] as const).flatMap((task) =>
    table(
      "Runs",
      runColumns(catalog.data, task),
      runs.filter((run) => run.task === task && run.quality === undefined),
    ),
  ),
  ...table(
    "Quality",
    qualityColumns(catalog),
    runs.filter(({ quality }) => quality !== undefined),
  ),
  ...(model.superseded === 0
    ? []
    : [element("p", {}, `Earlier runs that later ones replaced: ${model.superseded}. A run's history lists them.`)]),
  ...table("Rating", ratingColumns(new Map(runs.map((run) => [run.id, run]))), model.ratings),
  ...(model.notes.length === 0 ? [] : [element("h3", {}, "Notes")]),
  ...model.notes.flatMap((note) => [
    element("pre", { class: "note", tabindex: "0" }, note.text),
    element("p", {}, ...written(note)),
    ...table("Claims of the note", claimColumns(new Map(runs.map((run) => [run.id, run]))), note.claims),
  ]),
]

const written = ({ author, date, href, path }: PageNote): ReadonlyArray<Node | string> => {
  const missing = [...(date === undefined ? ["date"] : []), ...(author === undefined ? ["author"] : [])]
  return [
    `Written ${date === undefined ? "" : `on ${date} `}${author === undefined ? "" : `by ${author} `}in `,
    element("a", { href }, path),
    missing.length === 0 ? "." : `; its head has no ${missing.join(" and no ")}.`,
  ]
}

type Claimed = PageNote["claims"][number]

const claimColumns = (runs: ReadonlyMap<string, PageRun>): ReadonlyArray<Column<Claimed>> => [
  { header: "The note states", names: true, key: ({ claim }) => claim, cell: ({ claim }) => claim },
  {
    header: "The records",
    key: ({ witnesses }) => witnesses.length,
    cell: ({ witnesses }) =>
      witnesses.length === 0
        ? "no run measures it"
        : element(
            "ul",
            {},
            ...witnesses.map(({ run: id, text }) => {
              const run = runs.get(id)
              return element("li", {}, run === undefined ? text : runLink(run, text))
            }),
          ),
  },
  {
    header: "Judgement",
    key: ({ state }) => state,
    cell: ({ state }) => (state === "contradicted" ? element("strong", { class: "invalid" }, "contradicted") : state),
  },
]

const UNREPORTED = () => missing("not reported by its server")

const modelFacts = (of: NonNullable<PageModel["facts"]>): Node =>
  facts([
    ["Architecture", of.architecture],
    ["Parameters", of.parameters === undefined ? UNREPORTED() : parameters(of.parameters)],
    ["Quantization", weightsText(of)],
    ["File size", of.fileBytes === undefined ? UNREPORTED() : bytes(of.fileBytes)],
    ["Context", of.context === undefined ? missing("not stated in the file") : `${of.context} tokens`],
    ["Licence", of.license ?? missing("not stated in the config")],
  ])

type Rating = PageModel["ratings"][number]

const ratingColumns = (runs: ReadonlyMap<string, PageRun>): ReadonlyArray<Column<Rating>> => [
  { header: "Use case", names: true, key: ({ useCase }) => useCase, cell: ({ useCase }) => useCase },
  {
    header: "Run",
    key: ({ run }) => run,
    cell: ({ run: id }) => {
      const run = runs.get(id)
      return run === undefined ? id : runLink(run, `${run.backend} on ${run.placement}, ${run.scenario}`)
    },
  },
  { header: "Stars", figure: "higher", key: ({ stars }) => stars, cell: starsOf },
]

const starsOf = ({ stars, text }: Rating): Node | string =>
  stars === undefined ? text : element("span", { class: "rated" }, elementOf(starsMark(stars)), ` ${text}`)
