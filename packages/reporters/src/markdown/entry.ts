import type { AnyModel, Entry, ModelSource, Registry, RunRecord } from "@rigbook/core"
import { scenarioName, weightsName } from "@rigbook/core"
import { originOfHost } from "@rigbook/records"
import { MISSING, bytes, known, parameters, shortHash, significant, utcDate } from "../format.ts"
import { placementName } from "../names.ts"
import { inTime } from "../order.ts"
import { REGISTRY_FOLDER, relativePath, reportPath } from "../paths.ts"
import {
  configurationLine,
  hostLine,
  memoryLines,
  placementLine,
  proofLine,
  runtimeLine,
  timeLine,
} from "./conditions.ts"
import { type MemoryUnit, memoryUnit } from "../Uncertain.ts"
import { blocks, href, link, list, text } from "./escape.ts"
import { measuredTable, recordLink } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"
import { verdictSection } from "./verdict.ts"

/** What a config says of a model, and the files that were used; `named`: it is one of several of its family. */
export const modelSection = ({ family, name, path, planned, records }: Entry, named: boolean): string => {
  const sorted = inTime(records)
  const latest = sorted.findLast(({ cell }) => originOfHost(cell.host) === undefined) ?? sorted.at(-1)
  const wanted = planned === undefined ? [] : [`Intended use: ${text(planned.use)}`]
  const heading = named ? `**${text(name)}**` : ""
  if (latest === undefined) return blocks(heading, "No run recorded yet.", list(wanted))
  const { config, license, source } = latest.cell
  const file = path ?? config.path
  return blocks(
    heading,
    list([
      `Source: ${sourceText(source)}`,
      `Licence: ${license === undefined ? "not stated in the config" : text(license)}`,
      `Config: ${link(file, relativePath(REGISTRY_FOLDER, file))}`,
      `Family: ${text(family)}`,
      ...wanted,
    ]),
    modelsTable(distinctModels(records)),
  )
}

const sourceText = (source: ModelSource): string => {
  if ("path" in source) return text(source.path)
  if ("synthetic" in source) return "random weights, in the shape that the config describes"
  if ("served" in source) return "at the server, which reports what it is"
  if ("hub" in source) return [source.hub, ...(source.file === undefined ? [] : [source.file])].map(text).join(", ")
  if ("quantized" in source) return `${source.quantized.to}, quantized from ${sourceText(source.quantized.from)}`
  const packages = source.packages.map(({ name, version }) => `${text(name)} ${text(version)}`).join(", ")
  const files = typeof source.file === "string" ? [source.file] : source.file
  return `${files.map(text).join(" + ")} in ${packages}`
}

/** The latest run of each file used: another file under the same config is another model. */
const distinctModels = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> => [
  ...new Map(inTime(records).map((record) => [record.cell.model.sha256, record])).values(),
]

const count = (value: number | undefined): string => (value === undefined ? MISSING : String(value))

const fact = (
  header: string,
  show: (model: AnyModel) => string,
  align: "left" | "right" = "left",
): Column<RunRecord> => ({
  header,
  align,
  cell: ({ cell }) => show(cell.model),
})

const modelsTable = (records: ReadonlyArray<RunRecord>): string =>
  table(factColumns(memoryUnit(records.map(({ cell }) => cell.model.fileBytes))), records)

const factColumns = (unit: MemoryUnit): ReadonlyArray<Column<RunRecord>> => [
  fact("architecture", ({ architecture }) => text(architecture)),
  fact("parameters", (model) => known(model.parameters, parameters), "right"),
  fact("quantization", (model) => text(weightsName(model))),
  fact("bits per weight", ({ bitsPerWeight }) => known(bitsPerWeight, (bits) => significant(bits, 3)), "right"),
  fact("layers", ({ layers }) => count(layers), "right"),
  fact("context (tokens)", ({ contextLength }) => count(contextLength), "right"),
  fact("file size", ({ fileBytes }) => known(fileBytes, (size) => bytes(size, unit)), "right"),
  fact("SHA-256", ({ sha256 }) => text(shortHash(sha256))),
  { header: "record", cell: (record) => recordLink(record, REGISTRY_FOLDER) },
]

/** One run with all that was measured, its conditions and its proof. */
export const runSection = (record: RunRecord, { reports, stale }: Registry): string => {
  const { backend, model, scenario } = record.cell
  const outdated = stale.get(record.id) ?? []
  return blocks(
    `### ${text(backend)} on ${text(placementName(record))}: ${text(scenarioName(scenario))}`,
    list([
      `Figures from record ${recordLink(record, REGISTRY_FOLDER, record.id)}, started ${text(utcDate(record.startedAt))}`,
      hostLine(record),
      runtimeLine(record),
      configurationLine(record),
      `Quantization: ${text(weightsName(model))}, ${known(model.bitsPerWeight, (bits) => significant(bits, 3))} bits per weight`,
      placementLine(record),
      proofLine(record),
      ...memoryLines(record),
      timeLine(record),
      ...(outdated.length === 0 ? [] : [`**Stale**: ${outdated.map(text).join("; ")}`]),
      reports.has(record.id)
        ? `Report: ${link("every trial and plot", relativePath(REGISTRY_FOLDER, reportPath(record)))}`
        : `Report: written by \`rigbook report ${href(record.id)}\``,
    ]),
    record.values.length === 0 ? "No metric was measured." : measuredTable(record),
    verdictSection(record),
  )
}

/** How many records of a config later ones replaced; nothing where none. */
export const supersededLine = ({ name, superseded }: Entry, named: boolean): string => {
  if (superseded === 0) return ""
  const of = named ? ` of ${text(name)}` : ""
  return superseded === 1
    ? `One earlier record${of} of the same cells is kept in benchmarks/results/raw.`
    : `${superseded} earlier records${of} of the same cells are kept in benchmarks/results/raw.`
}
