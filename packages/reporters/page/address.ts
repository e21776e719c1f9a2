import { ANY, type Criteria } from "./criteria.ts"

/** What the page shows beside its data, as its address says it: what is chosen, and what is open. */
export interface Address {
  readonly criteria: Criteria
  /** A run, a model, or two runs side by side. */
  readonly open?: Opened
}

export type Opened =
  | { readonly kind: "run" | "model"; readonly id: string }
  | { readonly kind: "compare"; readonly ids: readonly [a: string, b: string] }

/** Of an address with its `#`; `undefined` of one that names a part of the page, such as `#models`. Pure. */
export const addressOf = (hash: string): Address | undefined => {
  const text = hash.replace(/^#/, "")
  if (text !== "" && !text.includes("=")) return undefined
  const fields = new URLSearchParams(text.replaceAll("+", "%2B"))
  const criteria = Object.fromEntries(
    Object.keys(ANY).map((name) => [name, fields.get(name) ?? ""]),
  ) as unknown as Criteria
  const open = openedOf(fields)
  return { criteria, ...(open === undefined ? {} : { open }) }
}

const openedOf = (fields: URLSearchParams): Opened | undefined => {
  const [a, b] = (fields.get("compare") ?? "").split(",")
  if (a !== undefined && b !== undefined) return { kind: "compare", ids: [a, b] }
  for (const kind of ["run", "model"] as const) {
    const id = fields.get(kind)
    if (id !== null) return { kind, id }
  }
  return undefined
}

/** `#verdict=valid&text=q4`; `#` where nothing is chosen or open. Pure. */
export const hashOf = ({ criteria, open }: Address): string => {
  const fields = Object.entries(criteria).filter(([, value]) => value !== "")
  const opened = open === undefined ? [] : [[open.kind, open.kind === "compare" ? open.ids.join(",") : open.id]]
  return `#${[...fields, ...opened].map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&")}`
}

/** The address that opens something and keeps what is chosen: links in the page name what they open alone. */
export const following = (before: Criteria, hash: string): Address | undefined => {
  const next = addressOf(hash)
  if (next === undefined) return undefined
  const isOpenAlone = next.open !== undefined && Object.values(next.criteria).every((value) => value === "")
  return isOpenAlone ? { ...next, criteria: before } : next
}
