import { medianOf, type RunRecord, weightsName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { type LossRow, type LossTradeoff, lossTradeoffsOf } from "@rigbook/registry"
import { MISSING, significant } from "../../format.ts"
import { memoryUnit } from "../../Uncertain.ts"
import { blocks, text } from "../escape.ts"
import { itemsOf } from "../quality.ts"
import { type Column, table } from "../table.ts"
import type { Brief } from "./Brief.ts"
import { uncertainCell } from "./cells.ts"

const RULE =
  "KL divergence from the reference over the whole vocabulary, with its 95 % interval over chunks of the text, the items. **Pareto:** no other " +
  "row is as small, as fast and as near to the reference at once, by the medians."

/** What each family loses by quantization, and what it gains for that; nothing where no loss was measured. */
export const lossesSection = (brief: Brief): string => {
  const tradeoffs = lossTradeoffsOf(brief.registry.entries)
  return tradeoffs.length === 0
    ? ""
    : blocks("### Loss by quantization", RULE, ...tradeoffs.map((tradeoff) => lossTable(brief, tradeoff)))
}

const lossTable = (brief: Brief, { family, rows }: LossTradeoff): string => {
  const speeds = rows.flatMap(({ speed }) => speed ?? [])
  const [speed, memory] = [metricOf("speed", "generate").id, metricOf("memory", "generate").id]
  const unit = memoryUnit(speeds.map((record) => medianOf(record, memory)))
  return table(
    [
      { header: "verdict", cell: ({ loss }) => brief.references.mark(loss) },
      { header: text(titleOf(family, rows)), cell: ({ loss }) => text(nameOf(loss)) },
      number("bits per weight", ({ bitsPerWeight }) => significant(bitsPerWeight, 3)),
      number("GiB", ({ bytes }) => significant(bytes / 2 ** 30, 3)),
      ...(speeds.length === 0
        ? []
        : [
            number("decode (tokens/s)", (row) => (row.speed === undefined ? MISSING : uncertainCell(row.speed, speed))),
            number("peak memory", (row) =>
              row.speed === undefined ? MISSING : uncertainCell(row.speed, memory, unit),
            ),
          ]),
      number("KL divergence (nats)", ({ loss }) => withInterval(loss, "kld_mean")),
      number("same top token (%)", ({ loss }) => withInterval(loss, "same_top")),
      number("perplexity", ({ loss }) => figureOf(loss, "perplexity")),
      number("items", ({ loss }) => itemsOf(loss)),
      ...(speeds.length === 0 ? [] : [number("Pareto", ({ onFront }) => (onFront ? "**yes**" : MISSING))]),
    ],
    rows,
  )
}

const number = (header: string, cell: (row: LossRow) => string): Column<LossRow> => ({ header, align: "right", cell })

/** What all rows are compared with. */
const titleOf = (family: string, [{ loss }]: LossTradeoff["rows"]): string => {
  const { prompts, reference } = loss.cell
  return `${family} against ${reference?.quantization ?? "its reference"}, ${prompts.name}`
}

const nameOf = (loss: RunRecord): string => {
  const cache = loss.effective?.settings["kvCache"] ?? loss.requested.settings["kvCache"]
  const usual = cache === undefined || cache === "f16"
  return `${weightsName(loss.cell.model)}${usual ? "" : `, KV cache ${String(cache)}`}`
}

const figureOf = (record: RunRecord, metric: string): string => {
  const median = medianOf(record, metric)
  return median === undefined ? MISSING : significant(median, 3)
}

/** `0.0313 (0.0290 to 0.0341)` */
export const withInterval = (record: RunRecord, metric: string): string => {
  const result = record.values.find((value) => value.metric === metric)?.result
  if (result === undefined || "absent" in result) return MISSING
  const { high, low, median } = result.summary
  const of = (value: number) => significant(value, 3)
  return low === undefined || high === undefined ? of(median) : `${of(median)} (${of(low)} to ${of(high)})`
}
