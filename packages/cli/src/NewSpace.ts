import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8"

const EVERY_MS = 10

/**
 * Lets the space for new objects grow to `mb`, tidied up by several threads, where the start of the program kept it small
 * and to one. For a command that measures nothing: with room a large registry takes half the time, and with much more of
 * it only more memory.
 */
export const growNewSpace = (mb: number): void => {
  setFlagsFromString("--parallel-scavenge")
  setFlagsFromString("--semi-space-growth-factor=2")
  // V8 takes no limit while it runs: it is stopped when it has got there.
  const watch = setInterval(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")
    if (space !== undefined && space.space_size < mb * 2 ** 20) return
    setFlagsFromString("--semi-space-growth-factor=1")
    clearInterval(watch)
  }, EVERY_MS).unref()
}
