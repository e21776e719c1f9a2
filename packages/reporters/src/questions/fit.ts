import type { PlannedEstimate, PlannedModel, Registry } from "@rigbook/core"
import { fitWord, memoryByDevice, shownEstimate } from "../FitText.ts"
import { mainDevices } from "../mainDevices.ts"
import { grouped, memoryText } from "../Uncertain.ts"
import { visible } from "@rigbook/core"
import { type Markup, markup } from "../markup/markup.ts"
import { type Answer, barMark, line } from "./card.ts"

/** So many other planned models have a line. */
const OTHERS = 3

/** Whether the largest model fits that is planned, and others in a line each. */
export const fitAnswer = ({ planned }: Pick<Registry, "planned">): Answer => {
  const estimated = planned
    .flatMap((model) => {
      const estimate = shownEstimate(model)
      return estimate === undefined ? [] : [{ model, estimate }]
    })
    .toSorted((a, b) => b.estimate.bytes - a.estimate.bytes)
  const [largest] = estimated
  if (largest === undefined)
    return {
      id: "what-fits",
      question: "Does it fit?",
      answer: "Nothing is planned",
      lines: [
        line(markup("code", {}, "rigbook plan <model> --host <machine>"), " answers for any model, from its headers."),
      ],
      ...(planned.length === 0 ? {} : { more: { href: "#planned", text: "All planned models" } }),
    }
  const { estimate, model } = largest
  const shown = new Set([baseOf(model)])
  const others = estimated.slice(1).filter(({ model: other }) => {
    const isNew = !shown.has(baseOf(other))
    shown.add(baseOf(other))
    return isNew
  })
  return {
    id: "what-fits",
    question: visible(`Does ${model.name} fit?`),
    answer: capital(fitWord(estimate)),
    lines: [
      ...bars(estimate),
      line(...memoryLine(estimate), ...(model.host === undefined ? [] : [` on ${visible(model.host)}`])),
      markup(
        "ul",
        {},
        ...others
          .slice(0, OTHERS)
          .map(({ estimate: of, model: other }) => markup("li", {}, visible(`${other.name}: ${fitWord(of)}`))),
      ),
    ],
    more: { href: "#planned", text: planned.length === 1 ? "The plan" : `All ${planned.length} planned models` },
  }
}

const baseOf = ({ name }: PlannedModel): string => name.split(/,? (?:I?Q\d|BF?16|F16)/)[0]!

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const bars = (estimate: PlannedEstimate): ReadonlyArray<Markup> =>
  mainDevices(estimate).flatMap(({ bytes, freeBytes }) =>
    freeBytes === undefined ? [] : [barMark([{ className: "used", share: bytes / freeBytes }])],
  )

const memoryLine = (estimate: PlannedEstimate): ReadonlyArray<string> => {
  const { longestContext, placement, refused } = estimate
  if (placement === undefined) return refused.slice(0, 1).map(({ reason }) => visible(reason))
  const free = [...new Set(mainDevices(estimate).flatMap(({ freeBytes }) => freeBytes ?? []))]
  const of = free.length === 1 ? ` of ${memoryText(free[0]!, "GiB")}${placement.devices.length > 1 ? " each" : ""}` : ""
  const context = "value" in longestContext ? `, up to ${grouped(longestContext.value)} tokens` : ""
  return [`${memoryByDevice(estimate)}${of}${context}, estimated`]
}
