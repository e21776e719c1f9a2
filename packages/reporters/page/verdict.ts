import type { PageRun } from "../src/html/PageRun.ts"
import { shapeMark } from "../src/markup/marks.ts"
import { element, elementOf } from "./element.ts"

type Status = PageRun["verdict"]

/** The severity of a verdict, for sorting. */
export const WEIGHT: Readonly<Record<Status, number>> = { valid: 0, suspect: 1, invalid: 2 }

/** `suspect: noisy`. */
export const verdictText = ({ reasons, verdict }: PageRun): string =>
  [verdict, [...new Set(reasons.map(({ code }) => code))].join(", ")].filter(Boolean).join(": ")

/** A verdict, and whether the run is stale, with the reason for pointers and screen readers. */
export const verdictMark = (run: PageRun): HTMLElement =>
  element(
    "span",
    {},
    element("span", { class: `verdict ${run.verdict}` }, elementOf(shapeMark(run.verdict)), verdictText(run)),
    ...(run.stale === undefined ? [] : [" ", staleMark(run.stale)]),
  )

const staleMark = (why: ReadonlyArray<string>): HTMLElement =>
  element(
    "span",
    { class: "stale", title: why.join("; ") },
    "stale",
    element("span", { class: "unseen" }, `: ${why.join("; ")}`),
  )
