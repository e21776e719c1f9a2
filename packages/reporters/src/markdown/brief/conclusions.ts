import { medianOf, type RunRecord, weightsName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import type { LossTradeoff } from "@rigbook/registry"
import { bestStep, fastest, stepsOf } from "../../BestStep.ts"
import { factorText, ratioOf } from "../../Ratio.ts"
import { sizeName } from "../../StepName.ts"
import type { Tradeoff } from "../../Tradeoffs.ts"
import { text } from "../escape.ts"
import { uncertainCell } from "./cells.ts"
import { withInterval } from "./losses.ts"

/** What a comparison comes to, in one sentence. Escaped. */
export const conclusionOf = (tradeoff: Tradeoff, losses: ReadonlyArray<LossTradeoff> = []): string => {
  const sentence = CONCLUSIONS[tradeoff.by]?.(tradeoff, losses) ?? ladderConclusion(tradeoff)
  return text(`${sentence}${caution(tradeoff)}.`)
}

const caution = ({ records }: Tradeoff): string => {
  const doubtful = records.filter(({ verdict }) => verdict.status !== "valid").length
  if (doubtful === 0) return ""
  return doubtful === 1
    ? `; 1 of ${records.length} runs is not valid, so its ratio is a hint`
    : `; ${doubtful} of ${records.length} runs are not valid, so their ratios are hints`
}

const NOTHING = "nothing can be concluded, since too few runs have a figure"

const speedName = ({ records: [base], speed }: Tradeoff): string =>
  base.values.find(({ metric }) => metric === speed)?.title.toLowerCase() ?? speed

const quantization = (tradeoff: Tradeoff, losses: ReadonlyArray<LossTradeoff>): string => {
  const best = bestStep(tradeoff)
  if (best === undefined) return NOTHING
  const [base] = tradeoff.records
  const names = [base, best.record].map(({ cell }) => weightsName(cell.model))
  const memory = memoryPart(base, best.record)
  const start = best.ratio.word === "faster" ? "" : "no fewer bits are faster beyond doubt: "
  const among = best.among ? "of the valid runs " : ""
  return `${start}${among}${names[1]} has ${factorText(best.ratio)} the ${speedName(tradeoff)} of ${names[0]}${memory}; ${lossPart(best.record, losses)}`
}

const lossPart = ({ id }: RunRecord, losses: ReadonlyArray<LossTradeoff>): string => {
  const row = losses.flatMap(({ rows }) => rows).find(({ speed }) => speed?.id === id)
  if (row === undefined) return "what it loses in quality is not measured"
  const from = row.loss.cell.reference?.quantization ?? "its reference"
  return `its KL divergence from ${from} is ${withInterval(row.loss, "kld_mean")} nats`
}

const memoryPart = (base: RunRecord, record: RunRecord): string => {
  const memory = metricOf("memory", base.cell.task).id
  const [from, to] = [medianOf(base, memory), medianOf(record, memory)]
  return from === undefined || to === undefined || from === 0 ? "" : ` in ${(to / from).toFixed(2)}× its memory`
}

const batch = (tradeoff: Tradeoff): string => {
  const { records, sizeOf } = tradeoff
  const steps = stepsOf(tradeoff)
  const valid = steps.filter(({ record }) => record.verdict.status === "valid")
  const best = fastest(valid.length > 0 ? valid : steps)
  if (best === undefined) return NOTHING
  const [base, size] = [sizeOf?.(records[0]), sizeOf?.(best.record)]
  if (best.ratio.word !== "faster") return `no larger batch is faster than ${base} beyond doubt`
  return `${valid.length > 0 ? "of the valid runs " : ""}a batch of ${size} is fastest, with ${factorText(best.ratio)} the ${speedName(tradeoff)} of ${base}`
}

const engine = (tradeoff: Tradeoff): string => {
  const [base] = tradeoff.records
  const steps = stepsOf(tradeoff)
  const best = fastest(steps)
  if (best === undefined) return NOTHING
  const nameOf = ({ cell }: RunRecord): string => `${cell.backend} with ${weightsName(cell.model)}`
  const memory = memoryPart(base, best.record)
  return `${nameOf(best.record)} has ${factorText(best.ratio)} the ${speedName(tradeoff)} of ${nameOf(base)} (${best.ratio.word})${memory}`
}

/** Of a longer context, or more load: the largest against the smallest. */
const ladderConclusion = (tradeoff: Tradeoff): string => {
  const { records, sizeOf, speed, unit } = tradeoff
  const [base] = records
  const last = records.at(-1)!
  const ratio = ratioOf(base, last, speed)
  if (ratio === undefined || sizeOf === undefined) return NOTHING
  const first = metricOf("wait", base.cell.task).id
  const waits = tradeoff.isLoad
    ? ""
    : `, and the first token comes after ${uncertainCell(last, first)} ms instead of ${uncertainCell(base, first)} ms`
  return `with ${sizeName(sizeOf(last), unit)} the ${speedName(tradeoff)} is ${factorText(ratio)} that with ${sizeOf(base)} (${ratio.word})${waits}`
}

const CONCLUSIONS: Readonly<Record<string, (tradeoff: Tradeoff, losses: ReadonlyArray<LossTradeoff>) => string>> = {
  quantization,
  batch,
  engine,
}
