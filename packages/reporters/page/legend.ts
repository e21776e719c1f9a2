import { shapeMark, swatchMark } from "../src/markup/marks.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { element, elementOf } from "./element.ts"
import type { Look } from "./ScatterPlot.ts"

/** How many colours the style sheet has for backends; more backends share them, and are distinguished by the hints. */
const COLOURS = 6

/** What colours and shapes mean in all plots, and the colours themselves, as the current theme gives them. */
export const legend = () => {
  const grid = element("span", { class: "grid", hidden: "" })
  const list = element("ul", { class: "legend", "aria-label": "Colours and shapes in plots" })
  let swatches: ReadonlyMap<string, Element> = new Map()
  return {
    element: element("div", {}, list, grid),
    show: (runs: ReadonlyArray<PageRun>) => {
      const backends = [...new Set(runs.map(({ backend }) => backend))].toSorted()
      swatches = new Map(
        backends.map((backend, index) => [
          backend,
          element("span", { class: `swatch colour-${index % COLOURS}` }, elementOf(swatchMark())),
        ]),
      )
      list.replaceChildren(
        ...[...swatches].map(([backend, swatch]) => element("li", {}, swatch, backend)),
        ...(["valid", "suspect", "invalid"] as const).map((status) =>
          element("li", {}, elementOf(shapeMark(status)), status),
        ),
      )
    },
    look: (): Look => {
      const colours = new Map([...swatches].map(([backend, swatch]) => [backend, getComputedStyle(swatch).color]))
      const ink = getComputedStyle(list).color
      return { colour: ({ backend }) => colours.get(backend) ?? ink, ink, grid: getComputedStyle(grid).color }
    },
  }
}
