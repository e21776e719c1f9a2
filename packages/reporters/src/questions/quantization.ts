import type { Registry, RunRecord } from "@rigbook/core"
import { isQuality, medianOf, visible, weightsName } from "@rigbook/core"
import { METRICS, metricOf } from "@rigbook/records"
import { familiesIn } from "../Families.ts"
import { bestStep } from "../BestStep.ts"
import { isQualityMetric } from "../QualityMetric.ts"
import { factorText } from "../Ratio.ts"
import { type Tradeoff, tradeoffsOf } from "../Tradeoffs.ts"
import { memoryText, memoryUnit, uncertain } from "../Uncertain.ts"
import { markup } from "../markup/markup.ts"
import { type Answer, line, smallLine } from "./card.ts"

/** What fewer bits give, and what they take: of the comparison with most valid runs. */
export const quantizationAnswer = (registry: Registry): Answer => {
  const tradeoff = tradeoffsOf(registry)
    .flat()
    .find(({ by }) => by === "quantization")
  const best = tradeoff === undefined ? undefined : bestStep(tradeoff)
  const question = "Which quantization?"
  if (tradeoff === undefined || best === undefined)
    return {
      id: "which-quantization",
      question,
      answer: "Nothing to compare yet",
      lines: [line("No model was measured in two quantizations with everything else equal.")],
    }
  const [base] = tradeoff.records
  const { ratio, record } = best
  const isFaster = ratio.word === "faster"
  return {
    id: "which-quantization",
    question,
    answer: isFaster
      ? visible(weightsName(record.cell.model))
      : visible(`${weightsName(base.cell.model)}: fewer bits are no faster beyond doubt`),
    lines: [
      line(
        markup("b", {}, factorText(ratio)),
        ` the ${speedName(tradeoff)} of ${visible(weightsName(base.cell.model))}`,
      ),
      ...memoryLine(base, record),
      line(qualityText(registry, base, record)),
      smallLine(
        visible(`${modelName(registry, base)} with ${base.cell.backend}`),
        ...(ratio.trusted ? [] : ["; a run is suspect, so this is a hint"]),
      ),
    ],
    more: { href: "#comparisons", text: "All side by side" },
  }
}

/** The name of its model, without quantization. */
const modelName = (registry: Registry, { cell }: RunRecord): string =>
  familiesIn(registry).find(({ entries }) => entries.some(({ id }) => id === cell.config.id))?.name ?? cell.config.name

const speedName = ({ records: [base], speed }: Tradeoff): string =>
  visible(base.values.find(({ metric }) => metric === speed)?.title.toLowerCase() ?? speed)

const memoryLine = (base: RunRecord, record: RunRecord) => {
  const { id } = metricOf("memory", base.cell.task)
  const [from, to] = [medianOf(base, id), medianOf(record, id)]
  if (from === undefined || to === undefined) return []
  const unit = memoryUnit([from, to])
  return [line(`${memoryText(to, unit)} instead of ${memoryText(from, unit)}`)]
}

/** Its own quality where that was measured, of the same file. */
const qualityText = ({ entries }: Registry, base: RunRecord, record: RunRecord): string => {
  const shown = [record, base].map((of) => {
    const measured = entries
      .flatMap(({ records }) => records)
      .filter(
        ({ cell, verdict }) =>
          isQuality(cell.scenario) && cell.model.sha256 === of.cell.model.sha256 && verdict.status !== "invalid",
      )
    const value = METRICS.filter(isQualityMetric)
      .flatMap(({ id }) => measured.flatMap(({ values }) => values.filter(({ metric }) => metric === id)))
      .find(({ result }) => "summary" in result)
    return value === undefined || !("summary" in value.result)
      ? undefined
      : visible(`${value.title} ${uncertain(value.result.summary, value.unit)}`)
  })
  const [own, its] = shown
  if (own === undefined) return "What it loses in quality is not measured."
  return its === undefined ? own : `${own}; ${visible(weightsName(base.cell.model))}: ${its}`
}
