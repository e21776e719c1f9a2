import type { Imported, ImportedFigure } from "@rigbook/core"
import { MISSING, significant } from "../../format.ts"
import { importPath, REGISTRY_FOLDER, relativePath } from "../../paths.ts"
import { blocks, link, text } from "../escape.ts"
import { type Column, table } from "../table.ts"

const RULE =
  "By other tools, from their files: no samples, no verdict, and never a part of ratings. ± is 1.96 standard errors, where the file has one."

interface Row {
  readonly imported: Imported
  readonly model: string
  readonly workload: string
  readonly figure: ImportedFigure
}

/** Scores that other tools gave to answers or vectors; nothing where none was imported. */
export const importedQuality = (imports: ReadonlyArray<Imported>): string => {
  const rows = imports.flatMap((imported) =>
    imported.results.flatMap(({ figures, model, workload }) =>
      figures
        .filter(({ unit }) => unit === "score")
        .map((figure): Row => ({ imported, model: imported.model ?? model, workload, figure })),
    ),
  )
  return rows.length === 0 ? "" : blocks("### Imported scores", RULE, table(COLUMNS, rows))
}

const COLUMNS: ReadonlyArray<Column<Row>> = [
  { header: "model", cell: ({ model }) => text(model) },
  { header: "tool", cell: ({ imported: { tool, version } }) => text(`${tool} ${version ?? ""}`.trim()) },
  { header: "task", cell: ({ workload }) => text(workload) },
  { header: "figure", cell: ({ figure }) => text(figure.name) },
  { header: "value", align: "right", cell: ({ figure }) => valueText(figure) },
  { header: "questions", align: "right", cell: ({ figure: { n } }) => (n === undefined ? MISSING : String(n)) },
  { header: "caution", cell: ({ figure: { difference } }) => text(cautionOf(difference)) },
  {
    header: "verdict",
    cell: ({ imported: { id } }) => link("imported", relativePath(REGISTRY_FOLDER, importPath(id))),
  },
]

const valueText = ({ error, value }: ImportedFigure): string =>
  error === undefined ? significant(value, 3) : `${significant(value, 3)} ± ${significant(1.96 * error, 2)}`

/** What the importer found beside that it is about quality, such as an accuracy at chance. */
const cautionOf = (difference: string | undefined): string => difference?.split("; ").slice(1).join("; ") || MISSING
