import type { Registry } from "@rigbook/core"
import { utcDate } from "../format.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { categorySection } from "./categories.ts"
import { comparisonSection } from "./compared.ts"
import { anchor, entrySection } from "./entry.ts"
import { engineIndex } from "./engines.ts"
import { blocks, blocksInTurn, list, text } from "./escape.ts"
import { LEGEND } from "./figures.ts"
import { importedSection } from "./imported.ts"
import { methodologySection } from "./methodology.ts"
import { nextStepsSection, plannedSection } from "./planned.ts"
import { embeddingTable, languageTable } from "./overview.ts"
import { recommendationSection } from "./ratings.ts"

const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

const EMPTY = [
  "No run has been recorded yet. Describe a model in `models/configs/<model>.yaml`, measure it with `rigbook run`,",
  "and render this page with `rigbook registry`. `rigbook init` creates configs to start from,",
  "`rigbook doctor` shows what can run on this machine.",
].join("\n")

/** The text of models/REGISTRY.md, in parts. */
export const registryPage = (registry: Registry): Iterable<string> => blocksInTurn(sections(registry))

function* sections(registry: Registry): Generator<string> {
  const { entries, imported, metrics, nextSteps, planned, recommendations, rules, stale, updatedAt } = registry
  const records = entries.flatMap((entry) => entry.records)
  const showing = { folder: REGISTRY_FOLDER, stale, metrics }
  const overviews = [
    { title: "Language models", content: languageTable(records, showing) },
    { title: "Embedding models", content: embeddingTable(records, showing) },
  ].filter(({ content }) => content !== "")
  const engines = engineIndex(records, registry.equivalences)
  const compared = comparisonSection(entries, showing)
  yield GENERATED
  yield "# Models registry"
  yield updatedAt === undefined
    ? EMPTY
    : `Date of the latest record: ${text(utcDate(updatedAt))} (UTC). Each figure names its record. ${LEGEND}`
  yield list([
    ...overviews.map(({ title }) => `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`),
    ...entries.map((entry) => `[${text(entry.name)}](#${anchor(entry)})`),
    ...(planned.length === 0 ? [] : ["[Models planned for testing](#models-planned-for-testing)"]),
    ...(records.length === 0 ? [] : ["[Model categories](#model-categories)"]),
    ...(compared === "" ? [] : ["[Performance comparison](#performance-comparison)"]),
    ...(recommendations.length === 0 ? [] : ["[Recommendations by use case](#recommendations-by-use-case)"]),
    ...(imported.length === 0 ? [] : ["[Imported results](#imported-results)"]),
    ...(records.length === 0 ? [] : ["[Methodology](#methodology)"]),
    ...(nextSteps.length === 0 ? [] : ["[Next steps](#next-steps)"]),
  ])
  for (const { content, title } of overviews) yield blocks(`## ${title}`, content)
  for (const entry of entries) yield entrySection(entry, registry, engines, showing)
  yield plannedSection(registry)
  yield categorySection(records)
  yield compared
  yield recommendationSection(rules, recommendations, stale)
  yield importedSection(imported)
  if (records.length > 0) yield methodologySection(records)
  yield nextStepsSection(registry)
}
