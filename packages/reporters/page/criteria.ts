import type { PagePlanned } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { type Catalog, isRun } from "./catalog.ts"
import { isFound, wordsOf } from "./search.ts"

/** Criteria for choosing runs and planned models. An empty text is any. */
export interface Criteria {
  readonly text: string
  readonly task: string
  /** The name of a model. */
  readonly family: string
  /** The host that it fits on. */
  readonly fits: string
  readonly verdict: string
  readonly quantization: string
  /** The name of one of `SIZES`. */
  readonly size: string
  readonly backend: string
  /** The host that it ran on. */
  readonly host: string
  /** The registry that it was pulled from, or `OWN`. */
  readonly origin: string
}

/** What runs of this workspace's own are listed under, beside those that were pulled. No origin is called so. */
export const OWN = "this workspace"

export const ANY: Criteria = {
  text: "",
  task: "",
  family: "",
  fits: "",
  verdict: "",
  quantization: "",
  size: "",
  backend: "",
  host: "",
  origin: "",
}

export const isAny = (criteria: Criteria): boolean => Object.values(criteria).every((value) => value === "")

/** Sizes of models, by their weights: from the first on, below the second. */
export const SIZES = [
  { name: "below 1 B", from: 0, below: 1e9 },
  { name: "1 to 10 B", from: 1e9, below: 10e9 },
  { name: "10 to 40 B", from: 10e9, below: 40e9 },
  { name: "40 B and more", from: 40e9, below: Number.POSITIVE_INFINITY },
] as const

export const sizeOf = (parameters: number | undefined): string =>
  SIZES.find(({ below, from }) => parameters !== undefined && parameters >= from && parameters < below)?.name ?? ""

/** The runs, or planned models, that meet all criteria. Pure. */
export const chosen = <Item extends PageRun | PagePlanned>(
  catalog: Catalog,
  items: ReadonlyArray<Item>,
  criteria: Criteria,
): ReadonlyArray<Item> => {
  if (isAny(criteria)) return items
  const words = wordsOf(criteria.text)
  return items.filter((item) => meets(catalog, item, criteria) && isFound(words, catalog.searched(item)))
}

const meets = (catalog: Catalog, item: PageRun | PagePlanned, criteria: Criteria): boolean => {
  const own = (name: keyof Criteria, value: string | undefined): boolean =>
    criteria[name] === "" || criteria[name] === value
  const family = isRun(item) ? catalog.familyOf(item) : catalog.data.families[item.family]
  return (
    own("task", item.task) &&
    own("family", family?.name) &&
    own("quantization", item.weights) &&
    own("size", sizeOf(item.parameters)) &&
    own("verdict", isRun(item) ? item.verdict : "planned") &&
    own("backend", isRun(item) ? item.backend : undefined) &&
    own("host", isRun(item) ? item.host : undefined) &&
    own("origin", isRun(item) ? (item.origin ?? OWN) : undefined) &&
    (criteria.fits === "" || fits(catalog, item, criteria.fits))
  )
}

/** It ran there, its plan says so, or its memory is less than that of the host's largest device. */
const fits = (catalog: Catalog, item: PageRun | PagePlanned, host: string): boolean => {
  if (item.host === host) return isRun(item) ? item.verdict !== "invalid" : item.fits === true
  const [bytes, needs] = [catalog.data.hosts[host]?.bytes, catalog.needs(item)]
  return bytes !== undefined && needs !== undefined && needs <= bytes
}
