import type { PageValue } from "../src/html/PageRun.ts"

const SVG = "http://www.w3.org/2000/svg"
type Figures = Exclude<PageValue, string>

/** From the least to the most that marks beside each other show. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What these figures span, with their intervals, and trials where they are drawn; from zero if `zero`. */
export const rangeOf = (all: ReadonlyArray<Figures>, { trials = false, zero = false } = {}): Range => {
  const ends = all.flatMap(({ high, low, median, trials: each }) => [
    median,
    ...(low === undefined || high === undefined ? [] : [low, high]),
    ...(trials ? each.filter((trial) => trial !== null) : []),
  ])
  return { from: Math.min(...(zero ? [0] : []), ...ends), to: Math.max(...ends) }
}

/** A median as a tick, its interval as a band, and trials as dots. The figures are in the text beside it. */
export const intervalMark = (
  { high, low, median, trials }: Figures,
  { from, to }: Range,
  { dots = false }: { readonly dots?: boolean } = {},
): SVGElement => {
  const at = (value: number): number => (to === from ? 50 : 3 + (94 * (value - from)) / (to - from))
  const drawing = svg("svg", { class: "interval", viewBox: "0 0 100 12", "aria-hidden": "true" })
  drawing.append(svg("path", { class: "axis", d: "M0 6H100" }))
  if (low !== undefined && high !== undefined)
    drawing.append(svg("path", { class: "band", d: `M${at(low)} 3.5H${at(high)}V8.5H${at(low)}z` }))
  if (dots)
    for (const trial of trials)
      if (trial !== null) drawing.append(svg("circle", { cx: String(at(trial)), cy: "6", r: "1.4" }))
  drawing.append(svg("path", { class: "median", d: `M${at(median)} 1.5V10.5` }))
  return drawing
}

/** The same of a ratio: where 1 is, is a line. */
export const ratioMark = (
  { estimate, high, low }: { readonly estimate: number; readonly high?: number; readonly low?: number },
  { from, to }: Range,
): SVGElement => {
  const drawing = intervalMark(
    { median: estimate, ...(low === undefined || high === undefined ? {} : { low, high }), trials: [] },
    { from, to },
  )
  const one = to === from ? 50 : 3 + (94 * (0 - from)) / (to - from)
  drawing.append(svg("path", { class: "one", d: `M${one} 0V12` }))
  return drawing
}

const svg = (tag: string, attributes: Readonly<Record<string, string>>): SVGElement => {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
