import type { Registry } from "@rigbook/core"
import { REGISTRY_FOLDER } from "../paths.ts"
import { briefOf } from "./brief/Brief.ts"
import { modelTables } from "./brief/models.ts"
import { categorySection } from "./categories.ts"
import { batchSection } from "./compared.ts"
import { blocksInTurn } from "./escape.ts"
import { importedSection } from "./imported.ts"
import { methodologySection } from "./methodology.ts"
import { plannedSection } from "./planned.ts"
import { recommendationSection } from "./ratings.ts"
import { GENERATED } from "./registry.ts"

/** What is said of all models together and is too long for REGISTRY.md. */
export const allModelsPage = (registry: Registry): Iterable<string> => blocksInTurn(sections(registry))

function* sections(registry: Registry): Generator<string> {
  const brief = briefOf(registry)
  const { records } = brief
  const { imported, metrics, recommendations, rules, stale } = registry
  yield GENERATED
  yield "# All models"
  yield "[← Models registry](REGISTRY.md)"
  yield modelTables(brief, brief.families)
  yield plannedSection(registry)
  yield categorySection(records)
  yield batchSection(records, { folder: REGISTRY_FOLDER, stale, metrics })
  yield recommendationSection(rules, recommendations, stale)
  yield importedSection(imported)
  if (records.length > 0) yield methodologySection(records)
  yield brief.references.definitions()
}
