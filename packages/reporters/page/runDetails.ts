import { bytes, errorText } from "../src/format.ts"
import { memoryUnit } from "../src/Uncertain.ts"
import { weightsText } from "./figures.ts"
import type { PageEstimate, PageProof, PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import { commandBlock, quoted } from "./command.ts"
import type { Column } from "./DataTable.ts"
import { element } from "./element.ts"
import { facts, table } from "./facts.ts"
import { historySection } from "./history.ts"
import { modelLink, recordLink } from "./links.ts"
import { measuredNodes } from "./measured.ts"
import { verdictMark } from "./verdict.ts"

/** All about one run: its verdict with reasons, its figures, where it ran and how that is proven, and how to repeat it. */
export const runDetails = (catalog: Catalog, run: PageRun): ReadonlyArray<Node> => {
  const { data } = catalog
  return [
    verdictBox(catalog, run),
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        {},
        ...measuredNodes(data, run),
        element("h3", {}, "Reproduce"),
        commandBlock(`rigbook run ${quoted(run.model)} --filter ${quoted(run.scenario)} --fresh`),
        commandBlock(`rigbook verify ${quoted(run.id)}`),
        ...historySection(catalog, run),
        ...table("Memory, estimated and observed", estimateColumns(run.estimates ?? []), run.estimates ?? []),
      ),
      element("div", {}, ...conditionsOf(catalog, run)),
    ),
  ]
}

const verdictBox = ({ data: { reasons } }: Catalog, run: PageRun): HTMLElement =>
  element(
    "div",
    { class: `box ${run.verdict}-box` },
    element("p", {}, verdictMark(run), ...(run.reasons.length === 0 ? [": no reasons against it."] : [])),
    element(
      "ul",
      {},
      ...run.reasons.map(({ code, detail, ...own }) => {
        const { advice, level } = { ...reasons[code]!, ...own }
        return element("li", {}, element("code", {}, code), ` (${level}): ${detail}. ${advice}`)
      }),
      ...(run.failure === undefined ? [] : [element("li", {}, run.failure)]),
      ...(run.stale ?? []).map((why) => element("li", {}, element("span", { class: "stale" }, "stale"), ` ${why}`)),
    ),
  )

const conditionsOf = ({ data }: Catalog, run: PageRun): ReadonlyArray<Node> => {
  const [setup, proof] = [data.setups[run.setup]!, data.proofs[run.proof]!]
  return [
    element("h3", {}, "What ran"),
    facts([
      ["Model", modelLink({ id: run.model, name: run.name })],
      ["Quantization", weightsText(run)],
      ["Engine", `${run.backend}, ${run.runtime}`],
      ["Scenario", run.scenario],
      ...(run.quality === undefined ? [] : [["Dataset", `${run.quality.dataset}, ${run.quality.of} items`] as const]),
      ["Rig", data.hosts[run.host]?.name ?? run.host],
      ["Started", `${run.started} (UTC)`],
      ["Record", recordLink(run, run.id)],
      ...(run.report === undefined
        ? []
        : [["Report", element("a", { href: run.report }, "every trial and plot")] as const]),
    ]),
    element("h3", {}, "Proof: where it ran"),
    facts([
      ["Requested", `${proof.requested} (${run.placement})`],
      ["Effective", proof.effective ?? "the engine never became ready"],
      ["Observed", evidenceOf(proof)],
    ]),
    element("h3", {}, "Configuration"),
    settingsTable(setup.requested, setup.effective),
    facts(Object.entries(setup.conditions)),
  ]
}

const STATES = {
  verified: "verified",
  partial: "partly verified",
  unverified: "not verified",
  contradicted: "contradicted",
} as const

const evidenceOf = ({ evidence, missing, state }: PageProof): Node =>
  element(
    "div",
    {},
    element(
      "b",
      { class: state === "verified" ? "valid" : state === "contradicted" ? "invalid" : "suspect" },
      STATES[state],
    ),
    element(
      "ul",
      {},
      ...evidence.map(({ agrees, text }) => element("li", {}, `${agrees ? "agrees" : "disagrees"}, ${text}`)),
      ...missing.map((what) => element("li", {}, `missing: ${what}`)),
    ),
  )

/** Each setting as it was requested and as the engine reports it; where it differs is marked. */
const settingsTable = (
  requested: Readonly<Record<string, string>>,
  effective: Readonly<Record<string, string>> | undefined,
): HTMLElement => {
  const names = [...new Set([...Object.keys(requested), ...Object.keys(effective ?? {})])]
  const row = (name: string): HTMLElement => {
    const [wanted, found] = [requested[name], effective?.[name]]
    const differs = wanted !== undefined && found !== undefined && wanted !== found
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, wanted ?? "–"),
      element("td", {}, differs ? element("strong", { class: "invalid" }, found) : (found ?? "–")),
    )
  }
  const head = (text: string): HTMLElement => element("th", { scope: "col" }, text)
  return element(
    "table",
    { class: "settings" },
    element("caption", { class: "unseen" }, "Settings"),
    element("thead", {}, element("tr", {}, head("Setting"), head("Requested"), head("Effective"))),
    element("tbody", {}, ...names.map(row)),
  )
}

const estimateColumns = (estimates: ReadonlyArray<PageEstimate>): ReadonlyArray<Column<PageEstimate>> => {
  const unit = memoryUnit(estimates.flatMap(({ estimated, found }) => [estimated, found]))
  return [
    { header: "Device", names: true, key: ({ device }) => device, cell: ({ device }) => device },
    { header: "Part", key: ({ parts }) => parts, cell: ({ parts }) => parts },
    {
      header: "Estimate",
      figure: "higher",
      key: ({ estimated }) => estimated,
      cell: ({ estimated }) => bytes(estimated, unit),
    },
    { header: "Found", figure: "higher", key: ({ found }) => found, cell: ({ found }) => bytes(found, unit) },
    { header: "Error", key: ({ error }) => error, cell: ({ error }) => errorText(error) },
    { header: "Basis", key: ({ basis }) => basis, cell: ({ basis }) => basis },
  ]
}
