import type { RunRecord } from "./RunRecord.ts"

/**
 * What makes records that were just read share the words of their metrics: each is kept once, where a file for each record
 * would bring its own. Of thousands of records these are a sixth of the memory, and words that are one are compared at once.
 */
export const sharingWords = (): ((record: RunRecord) => RunRecord) => {
  const words = new Map<string, string>()
  const shared = (word: string): string => {
    if (!words.has(word)) words.set(word, word)
    return words.get(word)!
  }
  return (record) => {
    for (const value of record.values) {
      const { definition, metric, title, unit } = value
      Object.assign(value, {
        definition: shared(definition),
        metric: shared(metric),
        title: shared(title),
        unit: shared(unit),
      })
    }
    return record
  }
}
