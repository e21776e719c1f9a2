import type { Metric, Registry, Reporter, RunRecord } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { inTime } from "../order.ts"
import { registryIn, whole } from "../parts.ts"
import { REGISTRY_FOLDER, REPORT_FOLDER } from "../paths.ts"
import { definitionSection } from "./definitions.ts"
import { type Page, pageDocument } from "./page.ts"
import { type PageAssets, pageAssets } from "./PageAssets.ts"
import { pageSource } from "./data/pageSource.ts"
import { nextStepsSection, plannedSection } from "./planned.ts"
import { questionSection } from "../questions/questions.ts"
import { recommendationSection } from "./recommendations.ts"

/** One file for browsers: tables to sort and filter, plots, each run with its verdict. Needs no network. */
export const html: Reporter = {
  id: "html",
  extension: "html",
  ...registryIn((registry) => pageDocument(registryOf(registry), pageAssets())),
  report: (records, _, metrics) => reportPage(records, pageAssets(), metrics),
}

const EMPTY = "No run has been recorded yet. Describe a model in models/configs, and measure it with rigbook run."

/** The text of models/registry.html. */
export const registryPage = (registry: Registry, assets: PageAssets): string =>
  whole(pageDocument(registryOf(registry), assets))

/** What the page of a registry shows. */
export const registryOf = (registry: Registry): Page => {
  const { entries, updatedAt } = registry
  return {
    title: "Models registry",
    ...(updatedAt === undefined ? { about: EMPTY } : {}),
    entries,
    data: pageSource(registry, REGISTRY_FOLDER),
    before: questionSection(registry),
    after: [
      ...recommendationSection(registry),
      ...plannedSection(registry),
      ...definitionSection(entries.flatMap(({ records }) => records)),
      ...nextStepsSection(registry),
    ],
  }
}

/** The text of a report on some runs: all of them, also those that a later one replaced. */
export const reportPage = (
  records: ReadonlyArray<RunRecord>,
  assets: PageAssets,
  metrics?: ReadonlyArray<Metric>,
): string => {
  const ordered = inTime(records)
  const recordsOf = Map.groupBy(ordered, ({ cell }) => cell.config.id)
  const registry = makeRegistry(ordered, [])
  const entries = registry.entries.map((entry) => ({
    ...entry,
    records: recordsOf.get(entry.id) ?? [],
    superseded: 0,
    earlier: [],
  }))
  return whole(
    pageDocument(
      {
        title: "Benchmark report",
        about: records.length === 1 ? "One run." : `${records.length} runs.`,
        entries,
        data: pageSource(
          { ...registry, entries, stale: new Map(), ...(metrics === undefined ? {} : { metrics }) },
          REPORT_FOLDER,
        ),
        before: [],
        after: definitionSection(ordered),
      },
      assets,
    ),
  )
}
