import { setTimeout as sleep } from "node:timers/promises"
import type { Site } from "./Site.ts"

/** Lets each fault of a site happen as often as it should, in a random order and at random moments. */
export const disturb = (
  { faults }: Site,
  {
    random,
    say,
    share,
  }: { readonly random: () => number; readonly say: (line: string) => void; readonly share: number },
) => {
  const counts: Record<string, number> = {}
  let isOver = false
  const order = faults
    .flatMap((fault) => Array.from({ length: Math.ceil(fault.times * share) }, () => ({ fault, at: random() })))
    .toSorted((a, b) => a.at - b.at)
  const all = (async () => {
    const ends: Array<Promise<void>> = []
    for (const { fault } of order) {
      await sleep(3000 + random() * 24_000)
      if (isOver) break
      say(fault.name)
      counts[fault.name] = (counts[fault.name] ?? 0) + 1
      const end = await fault.begin()
      if (end) {
        const ended = end()
        ended.catch(() => {}) // awaited below
        ends.push(ended)
      }
    }
    await Promise.all(ends)
  })()
  all.catch(() => {}) // whoever calls end() is given it
  return {
    counts,
    /** No fault begins any more; waits until those that have begun are over. */
    end: () => {
      isOver = true
      return all
    },
  }
}
