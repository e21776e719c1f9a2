import type { Imported, ImportedFigure, ImportedResult } from "@rigbook/core"
import { MISSING, figure, utcDate, withUnit } from "../format.ts"
import { REGISTRY_FOLDER, importPath, relativePath } from "../paths.ts"
import { blocks, link, list, sentence, text } from "./escape.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** What other tools measured: separate from our own figures, each with its source file. */
export const importedSection = (imports: ReadonlyArray<Imported>): string =>
  imports.length === 0
    ? ""
    : blocks(
        "## Imported results",
        "Measured by other tools and imported from their files. Rigbook did not observe these runs: they have no samples, " +
          "no verdict and no proof of where they ran, and are never compared with records.",
        ...imports.map(importSection),
      )

const importSection = (imported: Imported): string => {
  const { id, importedAt, measuredAt, sha256, tool, version } = imported
  return blocks(
    `### ${text(tool)} ${text(version ?? "")}`.trim() + `: ${link(id, relativePath(REGISTRY_FOLDER, importPath(id)))}`,
    list([
      `Measured: ${measuredAt === undefined ? "not stated in the file" : text(measuredAt)}; imported ${utcDate(importedAt)}`,
      `Version: ${version === undefined ? "not stated in the file" : text(version)}`,
      `SHA-256 of the file: ${text(sha256)}`,
    ]),
    ...imported.results.map((result) => resultSection(imported, result)),
  )
}

const resultSection = ({ id, model: named }: Imported, { figures, leftOut, model, workload }: ImportedResult): string =>
  blocks(
    `${text(named ?? model)}: ${sentence(workload)}`,
    table([...COLUMNS, { header: "file", cell: () => fileLink(id) }], figures),
    list(leftOut.map(({ name, reason }) => `Left out: ${text(name)}: ${sentence(reason)}`)),
  )

const fileLink = (id: string): string => link("imported", relativePath(REGISTRY_FOLDER, importPath(id)))

const optional = (value: number | undefined, unit: string): string =>
  value === undefined ? MISSING : figure(value, unit)

const COLUMNS: ReadonlyArray<Column<ImportedFigure>> = [
  { header: "figure of the tool", cell: ({ name, unit }) => text(withUnit(name, unit)) },
  { header: "value", align: "right", cell: ({ unit, value }) => figure(value, unit) },
  { header: "of", cell: ({ n, statistic }) => (n === undefined ? statistic : `${statistic} of ${n}`) },
  { header: "deviation", align: "right", cell: ({ deviation, unit }) => optional(deviation, unit) },
  { header: "standard error", align: "right", cell: ({ error, unit }) => optional(error, unit) },
  { header: "p95", align: "right", cell: ({ p95, unit }) => optional(p95, unit) },
  { header: "p99", align: "right", cell: ({ p99, unit }) => optional(p99, unit) },
  {
    header: "Rigbook's metric",
    cell: ({ difference, metric }) => (metric === undefined ? `none: ${text(difference ?? "unknown")}` : text(metric)),
  },
]
