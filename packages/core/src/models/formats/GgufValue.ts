import { Predicate } from "effect"

/** A count; the largest of them where layers differ. */
export const countOf = (value: unknown): number | undefined => {
  if (Array.isArray(value))
    return value.reduce<number | undefined>((most, each) => Math.max(most ?? 0, countOf(each) ?? 0), undefined)
  const number = typeof value === "bigint" ? Number(value) : value
  return Predicate.isNumber(number) && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** The fields that have a value. */
export const defined = <A extends object>(fields: A): { [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]?: Exclude<A[K], undefined>
  }
