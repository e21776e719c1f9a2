import type { Rating, Recommendation, Registry, RunRecord } from "@rigbook/core"
import { visible, weightsName } from "@rigbook/core"
import { columnsOf } from "@rigbook/records"
import { nearestOf } from "../Nearest.ts"
import { rigsOf, shortRigName } from "../Rig.ts"
import { uncertain } from "../Uncertain.ts"
import { shapeMark, starsMark } from "../markup/marks.ts"
import { type Markup, markup } from "../markup/markup.ts"
import { type Answer, line, runAddress, smallLine } from "./card.ts"

/** Which model for which use: the first use case that has one leads, and each has a line. */
export const useAnswer = (registry: Registry): Answer => {
  const { entries, recommendations, rules } = registry
  const question = "Which model for what?"
  const [rig, ...others] = rigsOf(entries.flatMap(({ records }) => records))
  if (rules === undefined || rig === undefined)
    return {
      id: "which-model",
      question,
      answer: "No rules yet",
      lines: [
        line(
          "models/rating.yaml says what makes a model good for a use. ",
          markup("code", {}, "rigbook init"),
          " writes one.",
        ),
      ],
    }
  const here = rules.useCases.flatMap(({ id }) =>
    recommendations.filter(({ host, useCase }) => useCase.id === id && host === rig.host.fingerprint),
  )
  const lead = here.find(({ result }) => "best" in result)
  return {
    id: "which-model",
    question,
    answer: lead === undefined || !("best" in lead.result) ? "No model qualifies" : nameOf(lead.result.best[0]),
    lines: [
      ...(lead === undefined || !("best" in lead.result) ? [] : [leadLine(lead, lead.result.best[0])]),
      markup(
        "ul",
        { class: "uses" },
        ...here.filter((each) => each !== lead).map((each) => markup("li", {}, ...useLine(each))),
      ),
      ...(others.length === 0 ? [] : [smallLine(`On ${visible(shortRigName(rig.host))}, where most was measured.`)]),
    ],
    more: { href: "#recommendations", text: "All recommendations" },
  }
}

const nameOf = ({ record }: Rating): string => {
  const [{ name }, weights] = [record.cell.config, weightsName(record.cell.model)]
  return visible(name.includes(weights) ? name : `${name}, ${weights}`)
}

const leadLine = ({ useCase }: Recommendation, { record, result }: Rating): Markup =>
  line(
    `${visible(useCase.title)}: `,
    markup(
      "a",
      { href: runAddress(record.id) },
      markup("span", { class: `verdict ${record.verdict.status}` }, shapeMark(record.verdict.status)),
      figuresOf(record, 2),
    ),
    ` with ${visible(record.cell.backend)}`,
    ...("stars" in result ? [" ", markup("span", { class: "rated" }, starsMark(result.stars), " speed only")] : []),
  )

/** `TTFT 662 ± 16 ms, decode 98 ± 7 tokens/s` */
export const figuresOf = ({ cell, values }: RunRecord, most: number): string =>
  columnsOf("line", cell.task)
    .flatMap(({ head, metric }) => {
      const value = values.find((each) => each.metric === metric.id)
      if (value === undefined || "absent" in value.result) return []
      const unit = metric.unit === "B" || metric.unit === "score" ? "" : ` ${metric.unit}`
      return [visible(`${head} ${uncertain(value.result.summary, metric.unit)}${unit}`)]
    })
    .slice(0, most)
    .join(", ")

const useLine = ({ result, useCase }: Recommendation): ReadonlyArray<Markup | string> => {
  const title = markup("b", {}, visible(useCase.title))
  if ("best" in result) {
    const [{ record }, ...tied] = result.best
    return [
      title,
      ": ",
      markup("a", { href: runAddress(record.id) }, visible(record.cell.config.name)),
      `, ${figuresOf(record, 1)}`,
      ...(tied.length === 0 ? [] : [`, a tie with ${tied.length} more`]),
    ]
  }
  const nearest = nearestOf(result.nobody, useCase)
  return [
    title,
    ": none qualifies",
    ...(nearest === undefined || !("notRated" in nearest.result)
      ? []
      : [`, nearest ${visible(nearest.record.cell.config.name)}: ${visible(nearest.result.notRated)}`]),
  ]
}
