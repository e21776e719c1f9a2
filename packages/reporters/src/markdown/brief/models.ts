import { type Host, type RunRecord, scenarioName, type Task, weightsMark } from "@rigbook/core"
import type { Family } from "@rigbook/registry"
import { Order } from "effect"
import { MISSING } from "../../format.ts"
import { rigsOf, shortRigName } from "../../Rig.ts"
import { familyFacts } from "../../Families.ts"
import { type Commonness, commonness, shownRun, type Variant, variantsOf } from "../../Variants.ts"
import { blocks, text } from "../escape.ts"
import { type Column, table } from "../table.ts"
import { ALL_MODELS, type Brief, familyLink, variantLink } from "./Brief.ts"
import { starsMark, uncertainColumns } from "./cells.ts"

/** Lines that tables of models may take: one for a family, two for a variant with the address of its record. */
const LINES = 150

/** One row a variant, by host and task: all of them, or the newest and the best rated that fit. */
export const modelsSection = (brief: Brief, lines = LINES): string => {
  const chosen = choose(brief, lines)
  const tables = modelTables(brief, chosen)
  return tables === ""
    ? ""
    : blocks(
        "## Models",
        chosen.length === measured(brief).length
          ? ""
          : `The newest and the best rated, ${chosen.length} of ${measured(brief).length}; all are in [${ALL_MODELS}](${ALL_MODELS}).`,
        tables,
      )
}

const measured = ({ families }: Brief): ReadonlyArray<Family> =>
  families.filter((family) => variantsOf(family).length > 0)

const choose = (brief: Brief, lines: number): ReadonlyArray<Family> => {
  const all = measured(brief)
  const cost = (family: Family): number => 1 + 2 * variantsOf(family).length
  const latest = (family: Family): string =>
    records(family).reduce((last, { startedAt }) => (startedAt > last ? startedAt : last), "")
  const best = (family: Family): number =>
    family.entries
      .flatMap(({ ratings }) => ratings)
      .reduce((most, { result }) => ("stars" in result && result.score > most ? result.score : most), 0)
  const keyed = all.map((family) => ({ family, latest: latest(family), best: best(family) }))
  const newest = keyed.toSorted((a, b) => Order.String(b.latest, a.latest) || Order.String(a.family.id, b.family.id))
  const rated = keyed.toSorted((a, b) => b.best - a.best || Order.String(a.family.id, b.family.id))
  const chosen = new Set<Family>()
  let used = 0
  for (const { family } of newest.flatMap((one, index) => [one, rated[index]!])) {
    if (chosen.has(family)) continue
    if (used + cost(family) > lines) break
    used += cost(family)
    chosen.add(family)
  }
  return all.filter((family) => chosen.has(family))
}

const records = ({ entries }: Family): ReadonlyArray<RunRecord> => entries.flatMap((entry) => entry.records)

/** The tables of these families, by host and task. */
export const modelTables = (brief: Brief, families: ReadonlyArray<Family>): string => {
  const rigs = rigsOf(families.flatMap(records))
  return blocks(
    ...(["generate", "embed"] as const).flatMap((task) =>
      rigs.map(({ host }) => taskTable(brief, families, task, host, rigs.length > 1)),
    ),
  )
}

const TITLES = { generate: "Language models", embed: "Embedding models" } as const

/** A row of a family's name, or of one of its variants by the run that stands for it. */
type Row = { readonly family: Family } & (
  | { readonly variant?: undefined }
  | { readonly variant: Variant; readonly record: RunRecord }
)

const taskTable = (
  brief: Brief,
  families: ReadonlyArray<Family>,
  task: Task,
  host: Host,
  severalRigs: boolean,
): string => {
  const here = families.map((family) => ({
    family,
    variants: variantsOf(family).filter(
      (variant) => variant.task === task && variant.host.fingerprint === host.fingerprint,
    ),
  }))
  const common = commonness(here.flatMap(({ variants }) => variants))
  const rows = here.flatMap(({ family, variants }): ReadonlyArray<Row> =>
    variants.length === 0
      ? []
      : [{ family }, ...variants.map((variant) => ({ family, variant, record: shownRun(variant, common) }))],
  )
  if (rows.length === 0) return ""
  const shown = rows.flatMap((row) => (row.variant === undefined ? [] : [row.record]))
  return blocks(
    `### ${TITLES[task]}${severalRigs ? ` on ${text(shortRigName(host))}` : ""}`,
    task === "generate" ? ABOUT.generate(common) : ABOUT.embed(),
    table(columns(brief, task, shown, common), rows),
    unratedText(shown),
  )
}

const ABOUT = {
  generate: (common: Commonness) =>
    `${usualText(common)}A variant that has no such run shows another, named beside it.`,
  embed: () => "Each variant at its fastest valid batch.",
} as const

const usualText = (common: Commonness): string => {
  const usual = usualOf(common)
  return usual === undefined ? "" : `Scenario ${text(usual)}. `
}

/** The scenario that most variants have. */
const usualOf = (common: Commonness): string | undefined =>
  [...common]
    .toSorted(([a, as], [b, bs]) => bs - as || Order.String(a, b))
    .find(([name]) => name.startsWith("latency"))?.[0]

const columns = (
  brief: Brief,
  task: Task,
  shown: ReadonlyArray<RunRecord>,
  common: Commonness,
): ReadonlyArray<Column<Row>> => {
  const usual = usualOf(common)
  const nameOf = ({ cell }: RunRecord): string => scenarioName(cell.scenario)
  return [
    { header: "verdict", cell: (row) => (row.variant === undefined ? "" : brief.references.mark(row.record)) },
    {
      header: "variant",
      cell: (row) => {
        if (row.variant === undefined) return `**${familyLink(row.family)}** ${text(familyFacts(row.family))}`
        const other = task === "embed" || nameOf(row.record) !== usual ? ` (${text(nameOf(row.record))})` : ""
        const stale = brief.registry.stale.has(row.record.id) ? ", **stale**" : ""
        return `${variantLink(row.family, row.variant)}${other}${stale}`
      },
    },
    ...uncertainColumns("runs", task, shown, brief.registry.metrics).map(({ cell, header }) => ({
      header,
      align: "right" as const,
      cell: (row: Row) => (row.variant === undefined ? "" : cell(row.record)),
    })),
    { header: "stars", cell: (row) => (row.variant === undefined ? "" : starsOf(brief, row.record)) },
  ]
}

/** The most that a valid run has for one use case. */
const starsOf = ({ registry }: Brief, record: RunRecord): string => {
  if (record.verdict.status !== "valid") return MISSING
  const ratings = registry.entries
    .find(({ id }) => id === record.cell.config.id)
    ?.ratings.filter((rating) => rating.record.id === record.id)
  const stars = (ratings ?? []).flatMap(({ result }) => ("stars" in result ? [result] : []))
  return stars.length === 0 ? MISSING : starsMark(stars.reduce((best, next) => (next.score > best.score ? next : best)))
}

/** Why whole kinds of variants have no stars. */
const unratedText = (shown: ReadonlyArray<RunRecord>): string => {
  const marks = new Set(shown.flatMap(({ cell }) => weightsMark(cell.model) ?? []))
  return marks.size === 0
    ? ""
    : `Not rated: ${[...marks].toSorted(Order.String).map(text).join("; ")}. Their speed and memory are meaningful, their answers are not.`
}
