import type { PageData, PageFamily, PagePlanned, PageVariant } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { figuresOf } from "./figures.ts"
import { type Searched, searchedOf } from "./search.ts"

/** The page's data, and what is looked up in it. */
export interface Catalog {
  readonly data: PageData
  /** A current run, or one that a later one replaced. */
  readonly run: (id: string) => PageRun | undefined
  /** Of a current run. */
  readonly variantOf: (run: PageRun) => PageVariant | undefined
  readonly familyOf: (run: PageRun) => PageFamily | undefined
  readonly searched: (item: PageRun | PagePlanned) => Searched
  /** All runs of its cell, oldest first. */
  readonly historyOf: (run: PageRun) => ReadonlyArray<PageRun>
  /** Bytes that it took, or that it is planned to take; `undefined` if unknown. */
  readonly needs: (item: PageRun | PagePlanned) => number | undefined
}

export const catalogOf = (data: PageData): Catalog => {
  const all = [...data.runs, ...data.earlier]
  const byId = new Map(all.map((run) => [run.id, run]))
  const variants = new Map(
    data.variants.flatMap((variant) => variant.runs.map((place) => [data.runs[place]!, variant] as const)),
  )
  const cells = data.earlier.length === 0 ? undefined : Map.groupBy(all, cellOf)
  const familyOf = (run: PageRun): PageFamily | undefined => data.families[variants.get(run)?.family ?? -1]
  const found = new WeakMap<PageRun | PagePlanned, Searched>()
  return {
    data,
    run: (id) => byId.get(id),
    variantOf: (run) => variants.get(run),
    familyOf,
    searched: (item) => {
      const known = found.get(item)
      if (known !== undefined) return known
      const made = isRun(item) ? ofRun(item, familyOf(item)) : ofPlanned(item, data.families[item.family])
      found.set(item, made)
      return made
    },
    historyOf: (run) =>
      (cells?.get(cellOf(run)) ?? [run]).toSorted((a, b) =>
        a.started === b.started ? byText(a.id, b.id) : byText(a.started, b.started),
      ),
    needs: (item) => (isRun(item) ? figuresOf(item, data.roles.memory[item.task])?.median : item.bytes),
  }
}

export const isRun = (item: PageRun | PagePlanned): item is PageRun => "verdict" in item

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The same cell of a registry: a later run of it replaces an earlier one. */
export const cellOf = ({ backend, host, model, placement, scenario }: PageRun): string =>
  JSON.stringify([model, backend, placement, host, scenario])

const TASK_WORDS = { generate: "language", embed: "embedding" } as const

const ofRun = (run: PageRun, family: PageFamily | undefined): Searched => {
  const { backend, failure, id, model, name, placement, reasons, scenario, stale, task, verdict, weights } = run
  return searchedOf(
    [family?.name, family?.use, name, model, weights],
    [
      backend,
      placement,
      scenario,
      verdict,
      id,
      TASK_WORDS[task],
      failure && "failed",
      stale && "stale",
      ...reasons.flatMap(({ code }) => [code, code.replaceAll("-", "_")]),
    ],
  )
}

const ofPlanned = ({ id, name, task, use, weights }: PagePlanned, family: PageFamily | undefined): Searched =>
  searchedOf([family?.name, name, id, use, weights], ["planned", TASK_WORDS[task]])
