import type { PageRun } from "../src/html/PageData.ts"

/** Criteria for choosing runs. An empty text is any. */
export interface Criteria {
  readonly text: string
  readonly task: string
  readonly backend: string
  readonly host: string
  readonly verdict: string
}

export const ANY: Criteria = { text: "", task: "", backend: "", host: "", verdict: "" }

export const isAny = (criteria: Criteria): boolean => Object.values(criteria).every((value) => value === "")

/** The runs that meet all criteria: each word of the text is somewhere in a run's names or verdict. Pure. */
export const chosen = (runs: ReadonlyArray<PageRun>, criteria: Criteria): ReadonlyArray<PageRun> => {
  const words = criteria.text.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter(
    (run) =>
      (["task", "backend", "host", "verdict"] as const).every(
        (name) => criteria[name] === "" || run[name] === criteria[name],
      ) && words.every((word) => searched(run).includes(word)),
  )
}

const texts = new WeakMap<PageRun, string>()

const searched = (run: PageRun): string => {
  const known = texts.get(run)
  if (known !== undefined) return known
  const {
    backend,
    failure = "",
    host,
    id,
    name,
    placement,
    quantization,
    reasons,
    runtime,
    scenario,
    stale,
    verdict,
  } = run
  const codes = reasons.map(({ code }) => code)
  const text = [
    name,
    quantization,
    backend,
    runtime,
    placement,
    host,
    scenario,
    verdict,
    ...codes,
    failure,
    stale && "stale",
    id,
  ]
    .join(" ")
    .toLowerCase()
  texts.set(run, text)
  return text
}
