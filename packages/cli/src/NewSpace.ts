import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8"

const EVERY_MS = 10

/**
 * Lets V8's young generation grow to `mb` and be collected by several threads. The program starts with a small one and
 * a single thread. For commands that measure nothing: with more space a large registry takes half the time; much more
 * space only costs memory.
 */
export const growNewSpace = (mb: number): void => {
  setFlagsFromString("--parallel-scavenge")
  setFlagsFromString("--semi-space-growth-factor=2")
  // V8 can't change its limit while it runs, so growth is stopped when the limit is reached.
  const watch = setInterval(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")
    if (space !== undefined && space.space_size < mb * 2 ** 20) return
    setFlagsFromString("--semi-space-growth-factor=1")
    clearInterval(watch)
  }, EVERY_MS).unref()
}
