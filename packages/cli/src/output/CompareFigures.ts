import type { RecordComparison } from "@rigbook/registry"
import { figure } from "./Figures.ts"
import { styled } from "./Style.ts"
import { table } from "./Table.ts"
import { widthOf, wrapped } from "./Wrapped.ts"

/** Loaded when there is something to compare. */
export type Formats = Pick<typeof import("@rigbook/reporters"), "changeText" | "pText">

/** A table where the terminal is wide enough for it, else lines for each figure. */
export const figuresText = (metrics: RecordComparison["metrics"], formats: Formats): string => {
  const rows = metrics.map((metric) => {
    const [scale, unit] = metric.unit === "B" ? [2 ** -20, "MiB"] : [1, metric.unit]
    return {
      title: metric.title,
      a: figure(metric.a.median * scale),
      b: figure(metric.b.median * scale),
      unit,
      trials: metric.paired === undefined ? `${metric.a.n}, ${metric.b.n}` : `${metric.paired} pairs`,
      change: formats.changeText(metric),
      p: formats.pText(metric.pAdjusted),
      detectable: metric.detectable === undefined ? "–" : `${figure(100 * metric.detectable)} %`,
      word: styled(COLORS[metric.word], metric.word),
    }
  })
  const whole = table(
    ["metric", "a", "b", "unit", "trials", "change (95 % interval)", "p", "detectable", ""],
    rows.map(({ a, b, change, detectable, p, title, trials, unit, word }) => [
      title,
      a,
      b,
      unit,
      trials,
      change,
      p,
      detectable,
      word,
    ]),
  )
  if (whole.split("\n").every((line) => widthOf(line) <= width())) return whole
  return rows
    .flatMap(({ a, b, change, detectable, p, title, trials, unit, word }) => [
      `${title}: ${word}`,
      folded(`  ${a} → ${b} ${unit}, ${change}, p ${p}, detectable ${detectable}, trials ${trials}`),
    ])
    .join("\n")
}

/** Of the terminal. What goes elsewhere is not folded, unless COLUMNS says how wide it may be. */
const width = (): number => process.stdout.columns ?? (Number(process.env["COLUMNS"]) || Infinity)

/** A line that is continued below itself where it is too long. */
export const folded = (text: string): string => wrapped(text.split(" "), width(), "    ")

const COLORS = {
  better: "green",
  worse: "red",
  "no difference found": "reset",
  "too few trials to tell": "yellow",
} as const
