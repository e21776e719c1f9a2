import { isQuality, type Metric, type RunRecord, weightsName } from "@rigbook/core"
import { chanceOf, METRICS } from "@rigbook/records"
import { figure, MISSING, shortHash, significant } from "../format.ts"
import { isQualityMetric } from "../QualityMetric.ts"
import { prefixesOf } from "../Prefixes.ts"
import { text } from "./escape.ts"
import { struck } from "./figures.ts"
import { closing, PLACEMENT, type RecordColumn, type Showing } from "./overview.ts"
import { table } from "./table.ts"

/** Runs whose figures say how good answers are. */
export const qualityRuns = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> =>
  records.filter(({ cell }) => isQuality(cell.scenario))

/** One row for each run of quality, with the intervals of its figures. */
export const qualityTable = (records: ReadonlyArray<RunRecord>, showing: Showing): string => {
  const runs = qualityRuns(records)
  return table(
    [
      { header: "model", cell: ({ cell }) => text(cell.config.name) },
      { header: "quantization", cell: ({ cell }) => text(weightsName(cell.model)) },
      { header: "backend", cell: ({ cell }) => text(cell.backend) },
      PLACEMENT,
      { header: "dataset", cell: ({ cell }) => text([cell.prompts.name, ...prefixesOf(cell.scenario)].join(", ")) },
      { header: "language", cell: ({ cell }) => text(cell.prompts.language ?? MISSING) },
      { header: "items", align: "right", cell: itemsOf },
      ...figureColumns(runs, showing.metrics),
      { header: "chance", align: "right", cell: chance },
      ...closing(showing),
    ],
    runs,
  )
}

/** How many queries, pairs, chunks or questions a run's figures are of. */
export const itemsOf = ({ cell: { prompts, scenario } }: RunRecord): string =>
  String(isQuality(scenario) && scenario.measure === "kld" ? scenario.chunks : prompts.count)

/** Figures of quality that one of the runs has, each with the interval over its queries. */
const figureColumns = (
  runs: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric> = METRICS,
): ReadonlyArray<RecordColumn> =>
  metrics
    .filter((metric) => isQualityMetric(metric) && runs.some((run) => shown(run, metric.id) !== MISSING))
    .map(({ id, title }) => ({ header: text(title), align: "right", cell: (record) => shown(record, id) }))

const shown = (record: RunRecord, id: string): string => {
  const value = record.values.find(({ metric }) => metric === id)
  if (value === undefined || "absent" in value.result) return MISSING
  const { high, low, median } = value.result.summary
  const of = (one: number) => figure(one, value.unit)
  return struck(
    record,
    low === undefined || high === undefined ? of(median) : `${of(median)} (${of(low)} to ${of(high)})`,
  )
}

const chance = ({ scored }: RunRecord): string => {
  const figure = scored === undefined ? undefined : chanceOf(scored)
  return figure === undefined ? MISSING : significant(figure, 2)
}

/** What a run of quality was measured on, and how: lines for its conditions. */
export const qualityLines = ({ cell, scored }: RunRecord): ReadonlyArray<string> => {
  const { prompts, reference, scenario } = cell
  if (!isQuality(scenario)) return []
  const dataset = `${text(prompts.name)}, SHA-256 ${text(shortHash(prompts.sha256))}, licence ${text(prompts.license)}`
  if (scenario.measure === "kld")
    return [
      `Text: ${dataset}`,
      `${scenario.chunks} chunks of ${scenario.context} tokens, the second half of each predicted over the whole vocabulary`,
      ...(reference === undefined
        ? []
        : [
            `Reference: ${text(reference.quantization)}, ${significant(reference.bitsPerWeight, 3)} bits per weight${reference.quantizedFrom === undefined ? "" : `, converted from ${text(reference.quantizedFrom.quantization)}`}, SHA-256 ${text(shortHash(reference.sha256))}`,
          ]),
      ...(scored?.measure === "kld" && scored.nullTest !== undefined
        ? [`Null test (the reference compared with itself): ${scored.nullTest} nats at most`]
        : []),
    ]
  const about = `Dataset: ${dataset}, language ${text(prompts.language ?? "not stated")}`
  if (scenario.measure === "tasks") return [about, ...replyLines(scenario.outputTokens, scored)]
  const prefixes = text(prefixesOf(scenario).join(", "))
  return [
    about,
    ...(scored === undefined || scored.measure === "kld" || scored.measure === "tasks"
      ? []
      : [
          scored.measure === "retrieval"
            ? `${scored.ranks.length} queries, each compared with ${scored.documents} documents`
            : `${scored.scores.length} pairs of sentences`,
          `Vectors came ${scored.normalized ? "with a length of 1" : "with other lengths than 1"}; figures go by cosines`,
        ]),
    `Prefixes: ${prefixes === "" ? "none" : prefixes}`,
  ]
}

const replyLines = (outputTokens: number, scored: RunRecord["scored"]): ReadonlyArray<string> => {
  const limit = `replies of ${outputTokens} tokens at most, greedily`
  if (scored?.measure !== "tasks") return [`Questions: ${limit}`]
  const { questions } = scored
  const withChoices = questions.filter(({ choices }) => choices !== undefined).length
  return [
    `${questions.length} questions, ${withChoices} of them with choices; ${limit}`,
    `Replies that ended at the limit of tokens: ${questions.filter(({ cut }) => cut === true).length}`,
  ]
}
