import type { CheckedClaim } from "@rigbook/core"
import type { Family } from "@rigbook/registry"
import { variantsOf } from "../../Variants.ts"
import { blocks, list } from "../escape.ts"
import { ALL_MODELS, type Brief, familyLink } from "./Brief.ts"

const LINES = 30

/** The pages beside this one. */
export const pagesSection = ({ families }: Brief): string => {
  const shown = families.filter(({ entries }) => entries.length > 0)
  return shown.length === 0
    ? ""
    : blocks(
        "## Model pages",
        "Every variant and run of a model with its conditions, intervals, proof of placement, notes and comparisons:",
        list([
          ...shown.slice(0, LINES).map((family) => `${familyLink(family)}: ${summaryOf(family)}`),
          `[All models](${ALL_MODELS})${shown.length > LINES ? `, ${shown.length} of them` : ""}: each variant in one table, planned models part by part, categories, embedding models by batch, imported results, methodology`,
        ]),
      )
}

const summaryOf = (family: Family): string => {
  const records = family.entries.flatMap((entry) => entry.records)
  const valid = records.filter(({ verdict }) => verdict.status === "valid").length
  const notes = family.entries.flatMap((entry) => entry.notes)
  const claims = notes.flatMap((note) => note.claims)
  return [
    records.length === 0
      ? "no run yet"
      : `${counted(variantsOf(family).length, "variant")}, ${counted(records.length, "run")}, ${valid} valid`,
    ...(notes.length === 0 ? [] : [`${counted(notes.length, "note")}${claimsText(claims)}`]),
  ].join(", ")
}

/** What became of what notes state: ` with 4 claims (3 not measured, 1 contradicted)`. */
const claimsText = (claims: ReadonlyArray<CheckedClaim>): string => {
  if (claims.length === 0) return ""
  const states = [...Map.groupBy(claims, ({ state }) => state)].map(([state, { length }]) => `${length} ${state}`)
  return ` with ${counted(claims.length, "claim")} (${states.join(", ")})`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`
