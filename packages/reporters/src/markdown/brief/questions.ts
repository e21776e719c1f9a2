import { changedAnswer } from "../../questions/changed.ts"
import type { Answer } from "../../questions/card.ts"
import { fitAnswer } from "../../questions/fit.ts"
import { quantizationAnswer } from "../../questions/quantization.ts"
import { trustAnswer } from "../../questions/trust.ts"
import { useAnswer } from "../../questions/use.ts"
import { Markup } from "../../markup/markup.ts"
import { list, text } from "../escape.ts"
import type { Brief } from "./Brief.ts"

/** Lines of the page's cards that stand here too: what follows is in the sections. */
const LINES = 3

/** The five questions that a registry is opened with, each with its answer, as the page has them. `titles`: of the sections below. */
export const questionsSection = ({ records, registry }: Brief, titles: ReadonlyArray<string>): string => {
  if (records.length === 0) return ""
  const answers: ReadonlyArray<readonly [answer: Answer, section: string]> = [
    [useAnswer(registry), "Best for"],
    [quantizationAnswer(registry), "Trade-offs"],
    [fitAnswer(registry), "What fits"],
    [changedAnswer(registry), "Changed since the last release"],
    [trustAnswer(records), "What is suspect and why"],
  ]
  return list(
    answers.map(([{ answer, lines, question }, section]) => {
      const said = lines
        .filter(({ tag }) => tag === "p")
        .map(plain)
        .slice(0, LINES)
      const more = titles.includes(section) ? ` [${section}](#${anchor(section)})` : ""
      return `**${text(question)}** ${text(answer)}. ${said.map(ended).join(" ")}${more}`
    }),
  )
}

/** Of a heading, as GitHub makes it. */
export const anchor = (title: string): string => title.toLowerCase().replaceAll(" ", "-")

const plain = (of: Markup | string): string => {
  if (typeof of === "string") return text(of)
  if (of.tag === "svg" || of.attributes["class"] === "rated") return ""
  // Code is a command of ours, never a text from a record: `<model>` in it is a word to replace.
  if (of.tag === "code") return `\`${of.children.map(placeholder).join("")}\``
  return of.children.map(plainPart).join("")
}
const placeholder = (of: Markup | string): string =>
  typeof of === "string" ? of.replaceAll(/<(\w+)>/g, (_, word: string) => word.toUpperCase()) : plain(of)
const plainPart = (of: Markup | string): string => (typeof of === "string" ? spaced(of) : plain(of))

/** Escaped, with the spaces at its ends: it is a part of a sentence. */
const spaced = (part: string): string => `${/^\s/.test(part) ? " " : ""}${text(part)}${/\s$/.test(part) ? " " : ""}`

const ended = (sentence: string): string =>
  sentence
    .trim()
    .replace(/^[a-z](?=[a-z]*[ :])/, (letter) => letter.toUpperCase())
    .replace(/(?<![.!?])$/, ".")
