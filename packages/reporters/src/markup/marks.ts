import type { Verdict } from "@rigbook/core"
import { type Markup, markup } from "./markup.ts"

type Status = Verdict["status"]

/**
 * The shape beside a verdict, in tables and plots, so that no verdict depends on its colour alone: a disc, a triangle,
 * a cross. Drawn, because not every font has them.
 */
const PATHS: Readonly<Record<Status, string>> = {
  valid: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z",
  suspect: "M6 .8L11.6 10.8H.4z",
  invalid: "M2.6 1.2L6 4.6L9.4 1.2L10.8 2.6L7.4 6L10.8 9.4L9.4 10.8L6 7.4L2.6 10.8L1.2 9.4L4.6 6L1.2 2.6z",
}

const drawing = (className: string, width: number, height: number, ...children: ReadonlyArray<Markup>): Markup =>
  markup("svg", { class: className, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...children)

export const shapeMark = (status: Status): Markup => drawing("shape", 12, 12, markup("path", { d: PATHS[status] }))

/** The colour of a backend in plots: so many the style sheet has. */
export const swatchMark = (): Markup => drawing("shape", 12, 12, markup("path", { d: "M1 1H11V11H1z" }))

const STARS = [0, 1, 2, 3, 4]
  .map((at) => `M${10 + 20 * at} 2.5l2.1 5.6 6 .3-4.7 3.8 1.6 5.8-5-3.3-5 3.3 1.6-5.8-4.7-3.8 6-.3z`)
  .join("")

/** Five stars, of which this many are filled. The words are beside it. */
export const starsMark = (stars: number): Markup =>
  drawing(
    "stars",
    100,
    20,
    markup("path", { d: STARS, class: "empty" }),
    // An inner drawing is clipped at its edge: halves need no separate shape.
    markup("svg", { width: String(stars * 20), height: "20" }, markup("path", { d: STARS })),
  )

/** `● 3 valid ▲ 1 suspect`, of a count for each verdict; zero counts are left out. */
export const verdictTally = (counts: Readonly<Record<Status, number>>): ReadonlyArray<Markup> =>
  (["valid", "suspect", "invalid"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => markup("span", { class: `verdict ${status}` }, shapeMark(status), `${counts[status]} ${status} `))

/** How many there are of each verdict. */
export const countVerdicts = (runs: ReadonlyArray<{ readonly verdict: Status }>): Record<Status, number> => {
  const counts = { valid: 0, suspect: 0, invalid: 0 }
  for (const { verdict } of runs) counts[verdict]++
  return counts
}

/** An open circle: nothing is measured yet. */
export const plannedMark = (): Markup =>
  drawing(
    "shape",
    12,
    12,
    markup("path", {
      d: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM6 3a3 3 0 1 1 0 6a3 3 0 1 1 0-6z",
      "fill-rule": "evenodd",
    }),
  )
