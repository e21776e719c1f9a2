import type { PageRun } from "../src/html/PageData.ts"
import { ANY, type Criteria } from "./criteria.ts"
import { button, element } from "./element.ts"

const CHOICES = [
  ["task", "Task"],
  ["backend", "Backend"],
  ["host", "Host"],
  ["verdict", "Verdict"],
] as const

/** The form by which runs are chosen. A choice of one is none, and left out. */
export const criteriaForm = (runs: ReadonlyArray<PageRun>, change: (criteria: Criteria) => void) => {
  let criteria = ANY
  const set = (changed: Partial<Criteria>) => {
    criteria = { ...criteria, ...changed }
    change(criteria)
  }
  const search = element("input", { type: "search", placeholder: "Model, backend, reason …" })
  search.addEventListener("input", () => set({ text: search.value }))
  const selects = CHOICES.flatMap(([name, label]) => {
    const values = [...new Set(runs.map((run) => run[name]))].toSorted()
    if (values.length < 2) return []
    const select = element(
      "select",
      {},
      element("option", { value: "" }, "any"),
      ...values.map((value) => element("option", { value }, value)),
    )
    select.addEventListener("change", () => set({ [name]: select.value }))
    return [{ label, select }]
  })
  const reset = button("Show all", () => {
    search.value = ""
    for (const { select } of selects) select.value = ""
    set(ANY)
  })
  return element(
    "search",
    { class: "criteria" },
    element("label", {}, "Find ", search),
    ...selects.map(({ label, select }) => element("label", {}, `${label} `, select)),
    reset,
  )
}
