import type { Place } from "./Kinds.ts"

/** What an answer has at a place; `undefined` if nothing. Pure. */
export const at = (answer: unknown, place: Place): unknown =>
  place.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null) return undefined
    const own = key.startsWith("*") ? Object.keys(value).find((name) => name.endsWith(key.slice(1))) : key
    return own !== undefined && Object.hasOwn(value, own) ? (value as Record<string, unknown>)[own] : undefined
  }, answer)

/** A text or number there, as text. Pure. */
export const wordAt = (answer: unknown, place: Place): string | undefined => {
  const value = at(answer, place)
  return (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "boolean"
    ? String(value).slice(0, 300) // what a server reports is not trusted
    : undefined
}

/** Items of a list in an answer; of none, the answer itself is the only one. Pure. */
export const itemsOf = (answer: unknown, list: string | undefined): ReadonlyArray<unknown> => {
  if (list === undefined) return [answer]
  const items = at(answer, [list])
  return Array.isArray(items) ? items.slice(0, 1000) : []
}
