import type { PageRun } from "../src/html/PageRun.ts"
import { hashOf } from "./address.ts"
import { ANY } from "./criteria.ts"
import { button, element } from "./element.ts"

/** Runs that are ticked to be compared: the last two. */
export interface Selection {
  readonly element: HTMLElement
  /** The box that ticks a run. */
  readonly box: (run: PageRun) => HTMLElement
}

/** `open` opens an address in the page. */
export const selectionOf = (open: (hash: string) => void): Selection => {
  let ticked: ReadonlyArray<PageRun> = []
  const boxes = new Map<string, Set<HTMLInputElement>>()
  const state = element("p", { role: "status" })
  const go = button("Compare", () => {
    const [a, b] = ticked
    if (a !== undefined && b !== undefined)
      open(hashOf({ criteria: ANY, open: { kind: "compare", ids: [a.id, b.id] } }))
  })
  const bar = element(
    "div",
    { class: "tray", hidden: "" },
    state,
    go,
    button("Clear", () => tick([])),
  )
  const nameOf = ({ backend, name, quantization, scenario }: PageRun) =>
    `${name} ${quantization}, ${backend}, ${scenario}`
  const tick = (runs: ReadonlyArray<PageRun>) => {
    ticked = runs.slice(-2)
    const ids = new Set(ticked.map(({ id }) => id))
    for (const [id, all] of boxes) for (const box of all) box.checked = ids.has(id)
    bar.hidden = ticked.length === 0
    go.disabled = ticked.length < 2
    state.textContent =
      ticked.length === 1
        ? `${nameOf(ticked[0]!)}: tick another run to compare it with`
        : ticked.map(nameOf).join(" · against · ")
  }
  return {
    element: bar,
    box: (run) => {
      const box = element("input", { type: "checkbox", "aria-label": `Compare ${nameOf(run)}` })
      box.checked = ticked.some(({ id }) => id === run.id)
      const all = boxes.get(run.id) ?? new Set()
      // Those of rows that are shown no more are forgotten.
      for (const old of all) if (!old.isConnected) all.delete(old)
      boxes.set(run.id, all.add(box))
      box.addEventListener("change", () =>
        tick(box.checked ? [...ticked, run] : ticked.filter(({ id }) => id !== run.id)),
      )
      return box
    },
  }
}
