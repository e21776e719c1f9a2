import type { PageData } from "../src/html/PageData.ts"
import { ANY, type Criteria, isAny, OWN, SIZES, sizeOf } from "./criteria.ts"
import { button, element } from "./element.ts"

type Choice = Exclude<keyof Criteria, "text">
interface Option {
  readonly value: string
  readonly label: string
}

const plain = (values: ReadonlyArray<string>): ReadonlyArray<Option> => values.map((value) => ({ value, label: value }))
const distinct = (values: ReadonlyArray<string | undefined>): ReadonlyArray<string> => [
  ...new Set(values.filter((value) => value !== undefined)),
]

/** What each menu offers: only what the data has. */
const OFFERS: Readonly<Record<Choice, (data: PageData) => ReadonlyArray<Option>>> = {
  task: ({ planned, runs }) =>
    distinct([...runs, ...planned].map(({ task }) => task)).map((task) => ({
      value: task,
      label: task === "generate" ? "language" : "embeddings",
    })),
  family: ({ families }) => plain(families.map(({ name }) => name)),
  fits: ({ hosts }) => Object.entries(hosts).map(([value, { short }]) => ({ value, label: short })),
  verdict: ({ planned, runs }) => {
    const present = new Set<string>(runs.map(({ verdict }) => verdict))
    return plain([
      ...["valid", "suspect", "invalid"].filter((status) => present.has(status)),
      ...(planned.length > 0 ? ["planned"] : []),
    ])
  },
  quantization: ({ planned, runs }) => plain(distinct([...runs, ...planned].map(({ weights }) => weights)).toSorted()),
  size: ({ planned, runs }) => {
    const present = new Set([...runs, ...planned].map(({ parameters }) => sizeOf(parameters)))
    return plain(SIZES.map(({ name }) => name).filter((name) => present.has(name)))
  },
  backend: ({ runs }) => plain(distinct(runs.map(({ backend }) => backend)).toSorted()),
  host: ({ hosts, runs }) =>
    distinct(runs.map(({ host }) => host)).map((host) => ({ value: host, label: hosts[host]?.short ?? host })),
  origin: ({ runs }) => plain(distinct(runs.map(({ origin }) => origin ?? OWN)).toSorted()),
}

const LABELS: Readonly<Record<Choice, string>> = {
  task: "Task",
  family: "Family",
  fits: "Fits on",
  verdict: "Verdict",
  quantization: "Quantization",
  size: "Size",
  backend: "Engine",
  host: "Ran on",
  origin: "From",
}

/** The form that chooses models and runs. A menu with a single choice is hidden. */
export const criteriaForm = (change: (criteria: Criteria) => void) => {
  let criteria = ANY
  const set = (changed: Partial<Criteria>) => {
    criteria = { ...criteria, ...changed }
    reset.hidden = isAny(criteria)
    change(criteria)
  }
  const search = element("input", { type: "search", placeholder: "Q4, 70b, noisy …" })
  search.addEventListener("input", () => set({ text: search.value }))
  const selects = (Object.keys(LABELS) as ReadonlyArray<Choice>).map((name) => {
    const select = element("select", {}, element("option", { value: "" }, "any"))
    select.addEventListener("change", () => set({ [name]: select.value }))
    return { name, select, label: element("label", {}, `${LABELS[name]} `, select) }
  })
  const reset = button("Show all", () => {
    show(ANY)
    set(ANY)
    search.focus()
  })
  reset.hidden = true
  const show = (to: Criteria) => {
    criteria = to
    if (search.value !== to.text) search.value = to.text
    for (const { name, select } of selects) {
      select.value = to[name]
      // An address may name what the data has no more: then nothing is found, and the menu says so.
      if (select.value !== to[name]) {
        select.append(element("option", { value: to[name] }, to[name]))
        select.value = to[name]
      }
    }
    reset.hidden = isAny(to)
  }
  return {
    element: element(
      "search",
      { class: "criteria" },
      element("label", {}, "Find ", search),
      ...selects.map(({ label }) => label),
      reset,
    ),
    criteria: () => criteria,
    /** Takes what an address says. */
    show,
    /** Offers the criteria for this data; the reader's choices stay. */
    offer: (data: PageData) => {
      for (const { label, name, select } of selects) {
        const options = OFFERS[name](data)
        const offered = [...select.options].slice(1).map(({ value }) => value)
        label.hidden = options.length < 2 && criteria[name] === ""
        if (options.map(({ value }) => value).join("\n") === offered.join("\n")) continue
        select.replaceChildren(
          element("option", { value: "" }, "any"),
          ...options.map(({ label: text, value }) => element("option", { value }, text)),
        )
        select.value = options.some(({ value }) => value === criteria[name]) ? criteria[name] : ""
      }
    },
  }
}
