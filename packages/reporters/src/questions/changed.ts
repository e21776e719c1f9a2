import type { Registry } from "@rigbook/core"
import { scenarioName, visible } from "@rigbook/core"
import { type Change, changesOf } from "../Changes.ts"
import { utcDate } from "../format.ts"
import { ratioText } from "../Ratio.ts"
import { type Markup, markup } from "../markup/markup.ts"
import { type Answer, line, runAddress } from "./card.ts"

/** So many of the changes have a line. */
const SHOWN = 3

/** What became faster, slower or another verdict since the last release. */
export const changedAnswer = (registry: Registry): Answer => {
  const since = changesOf(registry)
  const earlier = registry.entries.reduce((sum, { superseded }) => sum + superseded, 0)
  const more =
    earlier === 0 ? {} : { more: { href: "#dates", text: `Compare two dates: ${earlier} earlier runs are kept` } }
  const question = "What changed?"
  if (since === undefined)
    return {
      id: "what-changed",
      question,
      answer: earlier === 0 ? "Nothing yet: all is new" : `${earlier} runs were measured again`,
      lines: [
        line(
          "No release yet. ",
          markup("code", {}, "rigbook registry --release"),
          " keeps this one, and the next says what became faster, slower, valid or suspect.",
        ),
      ],
      ...more,
    }
  const { changes, date, gone, unchanged } = since
  const counts = [
    ...counted(changes, "faster", ({ ratio }) => ratio?.word === "faster"),
    ...counted(changes, "slower", ({ ratio }) => ratio?.word === "slower"),
    ...counted(changes, "now valid", (change) => becomes(change, "valid")),
    ...counted(changes, "now suspect", (change) => becomes(change, "suspect")),
    ...counted(changes, "now invalid", (change) => becomes(change, "invalid")),
    ...counted(changes, "new", ({ before }) => before === undefined),
    ...(gone === 0 ? [] : [`${gone} shown no more`]),
  ]
  return {
    id: "what-changed",
    question: `${question} Since ${visible(utcDate(date))}`,
    answer: counts.length === 0 ? "Nothing" : counts.join(", "),
    lines: [markup("ul", {}, ...changes.slice(0, SHOWN).map(changeItem)), line(`${unchanged} runs are the same.`)],
    ...more,
  }
}

const counted = (changes: ReadonlyArray<Change>, word: string, is: (change: Change) => boolean) => {
  const count = changes.filter(is).length
  return count === 0 ? [] : [`${count} ${word}`]
}

const becomes = ({ before, record }: Change, status: string): boolean =>
  before !== undefined && before.verdict.status !== status && record.verdict.status === status

const changeItem = ({ ratio, record, what }: Change): Markup =>
  markup(
    "li",
    {},
    markup(
      "a",
      { href: runAddress(record.id) },
      visible(`${record.cell.config.name}, ${scenarioName(record.cell.scenario)}`),
    ),
    `: ${[...(ratio === undefined ? [] : [ratioText(ratio)]), ...what.map(visible)].join("; ") || "measured again"}`,
  )
