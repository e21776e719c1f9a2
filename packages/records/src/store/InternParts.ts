import type { RunRecord } from "@rigbook/core"

/** What records have alike: they ran on one machine, with one engine, of a few models. */
const OF_RECORDS = ["effective", "environment", "requested"] as const
const OF_CELLS = [
  "config",
  "host",
  "model",
  "options",
  "placement",
  "prompts",
  "protocol",
  "runtime",
  "source",
] as const
const OF_VALUES = ["definition", "metric", "title", "unit"] as const

/**
 * What makes records that were just read share what they have alike: each such part is kept once, where a file for each
 * record brings its own. Of thousands of records that is a third of the memory or more, and words that are one are compared
 * at once.
 */
export const internParts = (): ((record: RunRecord) => RunRecord) => {
  const ofRecords = interning<RunRecord>(OF_RECORDS)
  const ofCells = interning<RunRecord["cell"]>(OF_CELLS)
  const ofValues = interning<RunRecord["values"][number]>(OF_VALUES)
  return (record) => {
    ofRecords(record)
    ofCells(record.cell)
    record.values.forEach(ofValues)
    return record
  }
}

/** Puts in the place of each named part the first one that said the same. */
const interning = <Whole extends object>(names: ReadonlyArray<keyof Whole>): ((whole: Whole) => void) => {
  const parts = names.map((name) => ({ name, known: new Map<string, Whole[keyof Whole]>() }))
  return (whole) => {
    for (const { known, name } of parts) {
      const part = whole[name]
      if (part === undefined) continue
      const text = JSON.stringify(part)
      const first = known.get(text)
      if (first === undefined) known.set(text, part)
      else whole[name] = first
    }
  }
}
