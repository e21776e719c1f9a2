import {
  isQuality,
  reason,
  type CellSpec,
  type MetricValue,
  type Sample,
  type Scored,
  type VerdictReason,
} from "@rigbook/core"
import { accuracy } from "../metrics/Accuracy.ts"
import { isNumeric, kldMean } from "../metrics/Divergence.ts"
import { ndcg10, stsSpearman } from "../metrics/Quality.ts"
import { isRight } from "../metrics/Replies.ts"

interface QualityEvidence {
  readonly cell: CellSpec
  readonly samples: ReadonlyArray<Sample>
  readonly values: ReadonlyArray<MetricValue>
}

/** Below so many queries, pairs or questions, one of them moves the figure by a percent. */
const MIN_UNITS = { retrieval: 100, sts: 100, kld: 8, tasks: 100 } as const
/** Fewer bits per weight mean a quantized model: F16 and BF16 have 16. */
const WHOLE_BITS = 16
/** Width of a figure's interval, as a share of the figure. */
const MAX_WIDTH = 0.2
/** Two trials of the same texts differ by rounding alone. */
const MAX_DIFFERENCE = 0.001
/** Share of the replies that may end at the limit of tokens before there is an answer. */
const MAX_CUT = 0.05
const DEPTH = 10

/** What speaks against figures of quality: of too few queries, no better than chance, or not the same twice. Pure. */
export const judgeQuality = ({ cell, samples, values }: QualityEvidence): ReadonlyArray<VerdictReason> => {
  const scored = samples.find(({ phase }) => phase === "measured")?.scored
  if (!isQuality(cell.scenario) || scored === undefined) return []
  const lost = lostUnits(scored)
  if (lost > 0)
    return [reason("not-a-number", `${lost} of ${unitsIn(scored)} ${WORDS[scored.measure]} ${LOST[scored.measure]}`)]
  return [
    ...values
      .filter(({ metric }) => metric === FIGURES[scored.measure].id)
      .flatMap((value) => judgeFigure(value, scored)),
    ...judgeReference(cell, scored),
    ...judgeReplies(scored),
  ]
}

/** The metric that each measure is judged by. */
const FIGURES = { retrieval: ndcg10, sts: stsSpearman, kld: kldMean, tasks: accuracy } as const

const judgeReplies = (scored: Scored): ReadonlyArray<VerdictReason> => {
  if (scored.measure !== "tasks") return []
  const { questions } = scored
  const cut = questions.filter((question) => question.cut === true && noAnswer(question)).length
  return cut > MAX_CUT * questions.length
    ? [
        reason(
          "replies-cut",
          `${cut} of ${questions.length} replies ended at the limit of tokens, without an answer (bound ${100 * MAX_CUT} %)`,
        ),
      ]
    : []
}

/** A text that was cut is no whole answer, unless it is right already. */
const noAnswer = (question: Parameters<typeof isRight>[0]): boolean =>
  question.choices === undefined ? isRight(question) !== true : isRight(question) === undefined

const judgeReference = ({ reference }: CellSpec, scored: Scored): ReadonlyArray<VerdictReason> => {
  if (reference === undefined || scored.measure !== "kld") return []
  const { bitsPerWeight, quantization, quantizedFrom } = reference
  const fewest = Math.min(bitsPerWeight, quantizedFrom?.bitsPerWeight ?? bitsPerWeight)
  return [
    ...(scored.nullTest === undefined || scored.nullTest === 0
      ? []
      : [
          reason(
            "null-test-failed",
            `the reference, compared with itself, diverges by up to ${scored.nullTest.toPrecision(3)} nats`,
          ),
        ]),
    ...(fewest < WHOLE_BITS
      ? [
          reason(
            "reference-quantized",
            `the reference is ${quantization}${quantizedFrom === undefined ? "" : `, converted from ${quantizedFrom.quantization}`}: its weights were rounded to ${fewest.toFixed(2)} bits`,
          ),
        ]
      : []),
  ]
}

const judgeFigure = ({ result, title }: MetricValue, scored: Scored): ReadonlyArray<VerdictReason> => {
  if ("absent" in result) return []
  const { high, low, max, median, min } = result.summary
  const units = unitsIn(scored)
  const chance = chanceOf(scored)
  return [
    ...(max - min > MAX_DIFFERENCE
      ? [
          reason(
            "not-repeatable",
            `${title} is ${digits(min)} in one trial and ${digits(max)} in another (bound ${MAX_DIFFERENCE})`,
          ),
        ]
      : []),
    ...(units < MIN_UNITS[scored.measure]
      ? [
          reason(
            "few-queries",
            `the figure is of ${units} ${WORDS[scored.measure]} (bound ${MIN_UNITS[scored.measure]})`,
          ),
        ]
      : []),
    ...(low !== undefined && chance !== undefined && low <= chance
      ? [reason("at-chance", `${title} may be as low as ${digits(low)}, and chance alone gives ${digits(chance)}`)]
      : low !== undefined && high !== undefined && high - low > MAX_WIDTH * Math.abs(median)
        ? [
            reason(
              "wide-bootstrap",
              `${title} lies between ${digits(low)} and ${digits(high)} (bound ${100 * MAX_WIDTH} % of it)`,
            ),
          ]
        : []),
  ]
}

/**
 * What chance alone comes to: nDCG@10 of a ranking at random on average, no correlation, the mean share of right choices. A
 * divergence has no such level.
 */
export const chanceOf = (scored: Scored): number | undefined => {
  if (scored.measure === "kld") return undefined
  if (scored.measure === "sts") return 0
  if (scored.measure === "tasks") {
    const shares = scored.questions.map(({ choices }) => (choices === undefined ? 0 : 1 / choices))
    return shares.reduce((all, share) => all + share, 0) / shares.length
  }
  const gains = Array.from({ length: Math.min(DEPTH, scored.documents) }, (_, at) => 1 / Math.log2(2 + at))
  const sum = (of: ReadonlyArray<number>) => of.reduce((all, gain) => all + gain, 0)
  const byQuery = scored.ranks.map((ranks) => {
    const answers = ranks?.length ?? 0
    return ((answers / scored.documents) * sum(gains)) / sum(gains.slice(0, answers))
  })
  return sum(byQuery) / byQuery.length
}

const WORDS = { retrieval: "queries", sts: "pairs", kld: "chunks", tasks: "questions" } as const
const LOST = {
  retrieval: "have vectors without a direction",
  sts: "have vectors without a direction",
  kld: "have predictions that are not numbers",
  tasks: "have no reply",
} as const

const unitsIn = (scored: Scored): number => {
  if (scored.measure === "kld") return scored.chunks.length
  if (scored.measure === "tasks") return scored.questions.length
  return scored.measure === "retrieval" ? scored.ranks.length : scored.scores.length
}

const lostUnits = (scored: Scored): number => {
  if (scored.measure === "kld") return scored.chunks.filter((chunk) => !isNumeric(chunk)).length
  if (scored.measure === "tasks") return 0
  return (scored.measure === "retrieval" ? scored.ranks : scored.cosines).filter((one) => one === null).length
}

const digits = (value: number): string => value.toFixed(3)
