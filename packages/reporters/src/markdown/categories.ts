import { medianOf, type RunRecord } from "@rigbook/core"
import { byQuantization, bySize, type Category, LOSS, lossRange, type Range, RANGED } from "../Categories.ts"
import { figure, MISSING, significant } from "../format.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { blocks, text } from "./escape.ts"
import { recordLink } from "./figures.ts"
import { type Column, table } from "./table.ts"

const RULE =
  "Ranges cover the medians measured here, over all hosts, placements and scenarios; invalid runs are left out. " +
  "Bytes per parameter come from the files, not from the quantization's name."

/** Models by size and by quantization, with what was measured and nothing that was not. */
export const categorySection = (records: ReadonlyArray<RunRecord>): string =>
  records.length === 0
    ? ""
    : blocks(
        "## Model categories",
        RULE,
        "### By size class",
        table([column("size class (parameters)"), ...COLUMNS], bySize(records)),
        "### By quantization",
        quantizationTable(byQuantization(records)),
      )

/** With what was lost, where one of them measured it. */
const quantizationTable = (categories: ReadonlyArray<Category>): string => {
  const hasLoss = categories.some((category) => lossRange(category) !== undefined)
  return table([column("quantization"), BYTES, ...COLUMNS, ...(hasLoss ? [LOSSES] : [])], categories)
}

const LOSSES: Column<Category> = {
  header: "KL divergence from the reference (nats)",
  align: "right",
  cell: (category) => {
    const found = lossRange(category)
    return found === undefined ? "not measured" : rangeText(found, LOSS, "nats")
  },
}

const column = (header: string): Column<Category> => ({ header, cell: ({ name }) => text(name) })

const BYTES: Column<Category> = {
  header: "bytes per parameter",
  align: "right",
  cell: ({ records }) => {
    const bytes = records.flatMap(({ cell }) =>
      cell.model.bitsPerWeight === undefined ? [] : cell.model.bitsPerWeight / 8,
    )
    return bytes.length === 0 ? MISSING : span(significant(Math.min(...bytes), 3), significant(Math.max(...bytes), 3))
  },
}

const range = ({ head, metric: { id, unit } }: (typeof RANGED)[number]): Column<Category> => ({
  header: head,
  align: "right",
  cell: ({ ranges }) => {
    const found = ranges.get(id)
    return found === undefined ? MISSING : rangeText(found, id, unit)
  },
})

const rangeText = (found: Range, id: string, unit: string): string => {
  const [low, high] = [found.low, found.high].map((record) => figure(medianOf(record, id)!, unit))
  const links = [...new Set([found.low, found.high])].map((record) => recordLink(record, REGISTRY_FOLDER))
  return `${span(low!, high!)} (${links.join(", ")})`
}

const COLUMNS: ReadonlyArray<Column<Category>> = [
  { header: "models", cell: ({ models }) => models.map(text).join(", ") },
  { header: "runs", align: "right", cell: ({ records }) => String(records.length) },
  ...RANGED.map(range),
]

const span = (low: string, high: string): string => (low === high ? low : `${low} to ${high}`)
