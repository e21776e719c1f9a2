import { REGISTRY_FOLDER } from "../../paths.ts"
import { blocks } from "../escape.ts"
import { qualityTable } from "../quality.ts"
import type { Brief } from "./Brief.ts"
import { importedQuality } from "./importedQuality.ts"
import { lossesSection } from "./losses.ts"

const RULE =
  "Vectors are compared with what people say of the same texts, predictions with those of a reference, replies with the right answers. " +
  "Items are queries, pairs, chunks or questions; in brackets are 95 % intervals over them. Chance is what a ranking or a choice at random gives."

/** How good answers are, of each run that measured it. */
export const qualitySection = (brief: Brief): string => {
  const { records, registry } = brief
  const { metrics, stale } = registry
  const shown = qualityTable(records, { folder: REGISTRY_FOLDER, stale, metrics })
  const imported = importedQuality(registry.imported)
  const measured = shown === "" ? "" : blocks(RULE, shown, lossesSection(brief))
  return measured === "" && imported === "" ? "" : blocks("## Quality", measured, imported)
}
