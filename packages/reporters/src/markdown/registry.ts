import type { Registry } from "@rigbook/core"
import { blocksInTurn } from "./escape.ts"
import { bestForSection } from "./brief/bestFor.ts"
import { type Brief, briefOf } from "./brief/Brief.ts"
import { changedSection } from "./brief/changed.ts"
import { fitsSection } from "./brief/fits.ts"
import { headSection } from "./brief/head.ts"
import { methodSection } from "./brief/method.ts"
import { modelsSection } from "./brief/models.ts"
import { nextSection } from "./brief/next.ts"
import { pagesSection } from "./brief/pages.ts"
import { anchor, questionsSection } from "./brief/questions.ts"
import { suspectsSection } from "./brief/suspects.ts"
import { qualitySection } from "./brief/quality.ts"
import { tradeoffsSection } from "./brief/tradeoffs.ts"

/** What every generated page of a registry begins with. */
export const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

const EMPTY = [
  "No run has been recorded yet. Describe a model in `models/configs/<model>.yaml`, measure it with `rigbook run`,",
  "and render this page with `rigbook registry`. `rigbook init` creates configs to start from,",
  "`rigbook doctor` shows what can run on this machine.",
].join("\n")

/**
 * The text of models/REGISTRY.md, in parts: what people decide by, in a few hundred lines however large the registry is.
 * All else is on the pages beside it.
 */
export const registryPage = (registry: Registry): Iterable<string> => blocksInTurn(sections(briefOf(registry)))

function* sections(brief: Brief): Generator<string> {
  const made = SECTIONS.map((section) => section(brief)).filter((section) => section !== "")
  const titles = made.map((section) => /^## (.+)$/m.exec(section)![1]!)
  yield GENERATED
  yield "# Models registry"
  yield brief.registry.updatedAt === undefined ? EMPTY : headSection(brief)
  yield questionsSection(brief, titles)
  yield titles.length < 2 ? "" : contents(titles)
  yield* made
  yield brief.references.definitions()
}

const SECTIONS: ReadonlyArray<(brief: Brief) => string> = [
  bestForSection,
  fitsSection,
  modelsSection,
  tradeoffsSection,
  qualitySection,
  suspectsSection,
  changedSection,
  nextSection,
  methodSection,
  pagesSection,
]

/** A line of links to the sections. */
const contents = (titles: ReadonlyArray<string>): string =>
  titles.map((title) => `[${title}](#${anchor(title)})`).join(" · ")
