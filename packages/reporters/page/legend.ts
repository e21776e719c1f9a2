import type { PageRun } from "../src/html/PageData.ts"
import { SHAPE } from "../src/html/shapes.ts"
import { element } from "./element.ts"
import type { Look } from "./ScatterPlot.ts"

/** How many colours the style sheet has for backends; more backends share them, and are told apart by the hints. */
const COLOURS = 6

/** What colours and shapes mean in all plots, and the colours themselves, as the theme in force gives them. */
export const legend = (runs: ReadonlyArray<PageRun>): { readonly element: HTMLElement; readonly look: () => Look } => {
  const swatches = new Map(
    [...new Set(runs.map(({ backend }) => backend))]
      .toSorted()
      .map((backend, index) => [
        backend,
        element("span", { class: `swatch colour-${index % COLOURS}`, "aria-hidden": "true" }, "■"),
      ]),
  )
  const grid = element("span", { class: "grid", hidden: "" })
  const list = element(
    "ul",
    { class: "legend", "aria-label": "Colours and shapes in plots" },
    ...[...swatches].map(([backend, swatch]) => element("li", {}, swatch, ` ${backend}`)),
    ...(["valid", "suspect", "invalid"] as const).map((status) =>
      element("li", {}, element("span", { "aria-hidden": "true" }, SHAPE[status]), ` ${status}`),
    ),
  )
  const box = element("div", {}, list, grid)
  return {
    element: box,
    look: () => {
      const colours = new Map([...swatches].map(([backend, swatch]) => [backend, getComputedStyle(swatch).color]))
      const ink = getComputedStyle(list).color
      return { colour: ({ backend }) => colours.get(backend) ?? ink, ink, grid: getComputedStyle(grid).color }
    },
  }
}
