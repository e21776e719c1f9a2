import type { PageRun } from "../src/html/PageData.ts"
import { ANY, type Criteria } from "./criteria.ts"
import { button, element } from "./element.ts"

const CHOICES = [
  ["task", "Task"],
  ["backend", "Backend"],
  ["host", "Host"],
  ["verdict", "Verdict"],
] as const

/** The form that chooses runs. A menu with a single choice is hidden. */
export const criteriaForm = (change: (criteria: Criteria) => void) => {
  let criteria = ANY
  const set = (changed: Partial<Criteria>) => {
    criteria = { ...criteria, ...changed }
    change(criteria)
  }
  const search = element("input", { type: "search", placeholder: "Model, backend, reason …" })
  search.addEventListener("input", () => set({ text: search.value }))
  const selects = CHOICES.map(([name, label]) => {
    const select = element("select", {}, element("option", { value: "" }, "any"))
    select.addEventListener("change", () => set({ [name]: select.value }))
    return { name, select, label: element("label", {}, `${label} `, select) }
  })
  const reset = button("Show all", () => {
    search.value = ""
    for (const { select } of selects) select.value = ""
    set(ANY)
  })
  return {
    element: element(
      "search",
      { class: "criteria" },
      element("label", {}, "Find ", search),
      ...selects.map(({ label }) => label),
      reset,
    ),
    criteria: () => criteria,
    /** Offers the criteria for these runs; the reader's choices stay. */
    offer: (runs: ReadonlyArray<PageRun>) => {
      for (const { label, name, select } of selects) {
        const values = [...new Set(runs.map((run) => run[name]))].toSorted()
        const offered = [...select.options].slice(1).map(({ value }) => value)
        label.hidden = values.length < 2 && criteria[name] === ""
        if (values.join("\n") === offered.join("\n")) continue
        select.replaceChildren(
          element("option", { value: "" }, "any"),
          ...values.map((value) => element("option", { value }, value)),
        )
        select.value = values.includes(criteria[name]) ? criteria[name] : ""
      }
    },
  }
}
