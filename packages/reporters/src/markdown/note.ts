import type { CheckedClaim, CheckedNote, Witness } from "@rigbook/core"
import { claimText, witnessText } from "../ClaimText.ts"
import { REGISTRY_FOLDER, relativePath } from "../paths.ts"
import { blocks, link, text as shown } from "./escape.ts"
import { recordLink } from "./figures.ts"
import { withoutHtml } from "./html.ts"
import { type Column, table } from "./table.ts"

/** What a person wrote, in a blockquote, with a link to its file. */
export const noteSection = ({ author, claims, date, path, text }: CheckedNote): string => {
  const lines = text
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split(/\r\n|\r|\n/)
  return blocks(
    withoutHtml(lines)
      .map((line) => (line === "" ? ">" : `> ${line}`))
      .join("\n"),
    writtenLine(author, date, link(path, relativePath(REGISTRY_FOLDER, path))),
    table(CLAIMS, claims),
  )
}

/** When and by whom, as the note's head has it. */
const writtenLine = (author: string | undefined, date: string | undefined, where: string): string => {
  const missing = [date === undefined ? "date" : "", author === undefined ? "author" : ""].filter((what) => what !== "")
  return [
    "Written",
    ...(date === undefined ? [] : [`on ${shown(date)}`]),
    ...(author === undefined ? [] : [`by ${shown(author)}`]),
    `in ${where}${missing.length === 0 ? "." : `; its head has no ${missing.join(" and no ")}.`}`,
  ].join(" ")
}

/** What the note states beside what was measured. A difference is shown, and the note stays. */
const CLAIMS: ReadonlyArray<Column<CheckedClaim>> = [
  { header: "the note states", cell: ({ claim }) => shown(claimText(claim)) },
  {
    header: "the records",
    cell: ({ witnesses }) => (witnesses.length === 0 ? "no run measures it" : witnesses.map(linked).join(", ")),
  },
  { header: "judgement", cell: ({ state }) => (state === "contradicted" ? "**contradicted**" : state) },
]

const linked = (witness: Witness): string =>
  `${shown(witnessText(witness))} (${recordLink(witness.record, REGISTRY_FOLDER)})`
