import type { Draws } from "./Draws.ts"

/** Values that no reader expects. Written as JSON, which is YAML too; `raw` is written as it is. */
const VALUES: ReadonlyArray<unknown> = [
  null,
  true,
  -1,
  0,
  0.5,
  1e9,
  1e12,
  9_007_199_254_740_991,
  1e308,
  -1e-320,
  { raw: ".nan" },
  { raw: ".inf" },
  { raw: "0x1F" },
  { raw: "2026-11-28" },
  { raw: "!!binary aGVsbG8=" },
  { raw: "!!js/function 'x'" },
  { raw: "*nothing" },
  "",
  " ",
  "0",
  "NaN",
  "__proto__",
  "constructor",
  "../../../../etc/passwd",
  "/dev/zero",
  "/proc/self/mem",
  "/",
  ".",
  "a\u0000b",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u202etxt.exe",
  "\ud800",
  "$(touch /tmp/x)",
  "-rf",
  "<script>alert(1)</script>",
  "=1+1",
  "|:---|",
  "http://127.0.0.1:1",
  "file:///etc/passwd",
  [],
  [[]],
  {},
  JSON.parse('{"__proto__": {"polluted": true}}') as unknown,
  { raw: '{"__proto__": {"polluted": 1}}' },
]

const LONG: ReadonlyArray<(size: number) => unknown> = [
  (size) => "x".repeat(size),
  (size) => Array.from({ length: size }, (_, at) => at + 1),
  (size) => Array.from({ length: size }, () => "cpu"),
  (size) => Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, at])),
  (size) => ({ raw: "[".repeat(size) + "]".repeat(size) }),
  (size) => ({ raw: "{a: ".repeat(size) + "1" + "}".repeat(size) }),
]

/** A value by its number, so that a case holds numbers alone. */
export interface HostileValue {
  readonly value: number
  /** Of a long one. */
  readonly size: number
}

export const drawHostile = ({ int, pick }: Draws): HostileValue => ({
  value: int(0, VALUES.length + LONG.length - 1),
  size: pick([2, 70, 1_000, 20_000]),
})

/** Whoever writes YAML writes `raw` as it is; JSON has no such values. */
export const hostile = ({ size, value }: HostileValue): unknown =>
  value < VALUES.length ? VALUES[value] : LONG[(value - VALUES.length) % LONG.length]!(size)

/** As JSON, with what is `raw` in YAML. */
export const yamlOf = (value: unknown): string => {
  const parts: Array<string> = []
  const json = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && "raw" in inner
      ? `\u0001${parts.push(String(inner.raw)) - 1}\u0001`
      : inner,
  )
  return json.replaceAll(/"\\u0001(\d+)\\u0001"/g, (_, at: string) => parts[Number(at)]!)
}

/** Every place in a value, as the keys that lead there. */
export const placesIn = (value: unknown): ReadonlyArray<ReadonlyArray<string>> =>
  typeof value === "object" && value !== null
    ? [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((place) => [key, ...place]))]
    : [[]]

/** A copy in which one place is another value; `undefined` removes it. */
export const replacedAt = (value: unknown, [key, ...rest]: ReadonlyArray<string>, by: unknown): unknown => {
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...(value as Array<unknown>)] : { ...(value as object) }) as Record<
    string,
    unknown
  >
  const made = replacedAt(copy[key], rest, by)
  if (made === undefined) delete copy[key]
  else copy[key] = made
  return copy
}
