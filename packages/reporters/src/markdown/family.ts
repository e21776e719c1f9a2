import { type Registry, remembered, type RunRecord, scenarioName } from "@rigbook/core"
import { byRecord, type Family } from "@rigbook/registry"
import { batchScaling } from "../BatchScaling.ts"
import { engineComparison } from "../EngineComparison.ts"
import { MISSING, percent } from "../format.ts"
import { loadScaling } from "../LoadScaling.ts"
import { runtimeName } from "../names.ts"
import { REGISTRY_FOLDER, relativePath, reportPath } from "../paths.ts"
import { placementScaling } from "../PlacementScaling.ts"
import { rigName, shortRigName } from "../Rig.ts"
import { type Variant, variantsOf } from "../Variants.ts"
import { uncertainColumns } from "./brief/cells.ts"
import { comparisonSection } from "./compared.ts"
import { details } from "./details.ts"
import { enginesSection } from "./engines.ts"
import { modelSection, runSection, supersededLine } from "./entry.ts"
import { blocks, blocksInTurn, link, list, sentence, text } from "./escape.ts"
import { loadSection } from "./loads.ts"
import { noteSection } from "./note.ts"
import type { Showing } from "./overview.ts"
import { placementSection } from "./placements.ts"
import { plannedModelSection } from "./planned.ts"
import { ratingSection } from "./ratings.ts"
import { References } from "./References.ts"
import { GENERATED } from "./registry.ts"
import { scalingSection } from "./scaling.ts"
import { type Column, table } from "./table.ts"

/** All that the registry knows of one model: its variants and runs, and what follows from them, folded. */
export const familyPage = (family: Family, registry: Registry): Iterable<string> =>
  blocksInTurn(sections(family, registry))

function* sections(family: Family, registry: Registry): Generator<string> {
  const { entries, planned } = family
  const records = entries.flatMap((entry) => entry.records)
  const showing = { folder: REGISTRY_FOLDER, stale: registry.stale, metrics: registry.metrics }
  const references = new References(REGISTRY_FOLDER)
  yield GENERATED
  yield `# ${text(family.name)}`
  yield "[← Models registry](REGISTRY.md)"
  yield inShort(records)
  for (const { notes } of entries) yield* notes.length === 0 ? [] : [blocks("### Notes", ...notes.map(noteSection))]
  yield details("Files, licences, configs", ...entries.map((entry) => modelSection(entry, entries.length > 1)))
  for (const variant of variantsOf(family)) yield variantSection(variant, registry, references)
  yield entries
    .map((entry) => supersededLine(entry, entries.length > 1))
    .filter((line) => line !== "")
    .join("\n")
  yield comparisons(family, registry, showing)
  yield details("Ratings: each star with its reasons", ratingSection(entries.flatMap(({ ratings }) => ratings)))
  for (const model of planned)
    yield details("Planned: what it will take", `**${text(model.name)}**`, plannedModelSection(model))
  yield references.definitions()
}

const inShort = (records: ReadonlyArray<RunRecord>): string => {
  if (records.length === 0) return "No run recorded yet."
  const valid = records.filter(({ verdict }) => verdict.status === "valid").length
  const rigs = [...new Map(records.map(({ cell: { host } }) => [host.fingerprint, host])).values()]
  return `Valid: ${valid} of ${records.length} ${records.length === 1 ? "run" : "runs"}. **Rig:** ${rigs.map((host) => text(rigName(host))).join("; **rig:** ")}.`
}

/** How many hosts a registry has runs of. */
const hostsOf = remembered(
  ({ entries }: Registry): number =>
    new Set(entries.flatMap(({ records }) => records.map(({ cell }) => cell.host.fingerprint))).size,
)

const variantSection = (variant: Variant, registry: Registry, references: References): string => {
  const { host, label, records, task } = variant
  const on = hostsOf(registry) > 1 ? ` on ${text(shortRigName(host))}` : ""
  return blocks(
    `## <a id="${variant.anchor}"></a>${text(label)}${on}`,
    table(
      [
        { header: "verdict", cell: references.mark },
        {
          header: "scenario",
          cell: ({ cell, id }) => `${text(scenarioName(cell.scenario))}${registry.stale.has(id) ? ", **stale**" : ""}`,
        },
        ...uncertainColumns("runs", task, records, registry.metrics),
        { header: "spread (CV)", align: "right", cell: spread },
        { header: "trials", align: "right", cell: ({ samples }) => String(samples.measured) },
        { header: "report", cell: (record) => reportCell(record, registry) },
      ] satisfies ReadonlyArray<Column<RunRecord>>,
      records,
    ),
    list(records.flatMap(doubts)),
    details(
      `Conditions, intervals and proof of ${records.length === 1 ? "the run" : `${records.length} runs`}`,
      ...records.map((record) => runSection(record, registry)),
    ),
  )
}

/** The largest among the figures that verdicts check. */
const spread = ({ values }: RunRecord): string => {
  const cvs = values.flatMap(({ metric, result }) =>
    ["ttft", "tpot", "docs_per_s"].includes(metric) && "summary" in result ? (result.summary.cv ?? []) : [],
  )
  return cvs.length === 0 ? MISSING : `${percent(Math.max(...cvs))} %`
}

const reportCell = (record: RunRecord, { reports }: Registry): string =>
  reports.has(record.id) ? link("report", relativePath(REGISTRY_FOLDER, reportPath(record))) : MISSING

/** What speaks against a run, in sentences. */
const doubts = ({ cell, verdict }: RunRecord): ReadonlyArray<string> => {
  const against = verdict.reasons.filter(({ level }) => level !== "note")
  return against.length === 0
    ? []
    : [
        `${verdict.status === "invalid" ? "✕" : "▲"} ${text(scenarioName(cell.scenario))}: ${against.map(({ detail }) => sentence(detail)).join(" ")}`,
      ]
}

const engineName = (record: RunRecord): string => `${record.cell.backend} ${runtimeName(record)}`

const pairsOf = remembered(({ equivalences }: Registry) => byRecord(equivalences))

const comparisons = ({ entries }: Family, registry: Registry, showing: Showing): string => {
  const records = entries.flatMap((entry) => entry.records)
  const groups = new Map<string, ReturnType<typeof engineComparison>>()
  // What differs in its file alone is among the quantizations.
  for (const group of engineComparison(records).filter((of) => new Set(of.map(engineName)).size > 1))
    for (const { id } of group) groups.set(id, [...(groups.get(id) ?? []), group])
  return details(
    "Comparisons: quantizations, ladders, placements, engines",
    comparisonSection(entries, showing),
    ...entries.flatMap((entry) => [
      scalingSection(batchScaling(entry.records)),
      loadSection(loadScaling(entry.records), showing),
      placementSection(placementScaling(entry.records), REGISTRY_FOLDER, "###"),
    ]),
    enginesSection(
      { groups, pairs: pairsOf(registry) },
      records.map(({ id }) => id),
      showing,
    ),
  )
}
