import type { RunRecord } from "@rigbook/core"
import type { Finding } from "./Finding.ts"

type Place = Pick<Finding, "record" | "file">

/** At most this many lines are named; a file that differs everywhere is another file. */
const MOST = 20

/** Lines of a derived file that differ. Files of different lengths differ from one line on. */
export const differentLines = (
  what: Pick<Finding, "record" | "file" | "detail">,
  expected: string,
  found: string,
): ReadonlyArray<Finding> => {
  if (expected === found) return []
  const [wanted, there] = [expected.split("\n"), found.split("\n")]
  const different = wanted.flatMap((line, at) => (line === there[at] ? [] : [at]))
  const shown = wanted.length === there.length ? different : [different[0] ?? wanted.length]
  const findings = shown.slice(0, MOST).map((at) => ({
    ...what,
    line: at + 1,
    ...(wanted[at] === undefined ? {} : { expected: around(wanted[at], there[at]) }),
    ...(there[at] === undefined ? {} : { found: around(there[at], wanted[at]) }),
  }))
  return shown.length <= MOST
    ? findings
    : [...findings, { ...what, detail: `${what.detail}, and ${shown.length - MOST} more lines differ` }]
}

/** At most this much of a line is shown: a line of the page may be a complete script. */
const SHOWN = 200

/** A line, or of a long one the part around the first character that is not the other's. */
const around = (line: string, other = ""): string => {
  if (line.length <= SHOWN) return line
  let at = 0
  while (at < line.length && line[at] === other[at]) at++
  const from = Math.max(0, Math.min(at - SHOWN / 4, line.length - SHOWN))
  const to = from + SHOWN
  return `${from === 0 ? "" : "… "}${line.slice(from, to)}${to < line.length ? " …" : ""}`
}

/**
 * Lines of the journal whose trials give other values than the record has: where the samples were changed, if that
 * changed a value.
 */
export const sampleLines = (
  place: Place,
  journal: string,
  { record, derived }: { readonly record: RunRecord; readonly derived: RunRecord },
): ReadonlyArray<Finding> => {
  const lines = journal
    .split("\n")
    .flatMap((text, at) => (/^\{"kind":"sample".*"phase":"measured"/.test(text) ? [at + 1] : []))
  return lines.flatMap((line, trial): ReadonlyArray<Finding> => {
    const changed = record.values.flatMap((value) => {
      const now = derived.values.find(({ metric }) => metric === value.metric)?.result
      if (now === undefined || !("trials" in now) || !("trials" in value.result)) return []
      if (now.trials.length !== lines.length || value.result.trials.length !== lines.length) return []
      const [was, is] = [value.result.trials[trial], now.trials[trial]]
      return was === is
        ? []
        : [{ was: `${value.metric} ${was} ${value.unit}`, is: `${value.metric} ${is} ${value.unit}` }]
    })
    return changed.length === 0
      ? []
      : [
          {
            ...place,
            line,
            detail: `the sample of measured trial ${trial + 1} is not the one that the record was derived from`,
            expected: changed.map(({ was }) => was).join(", "),
            found: changed.map(({ is }) => is).join(", "),
          },
        ]
  })
}
