import { assert, describe, it } from "@effect/vitest"
import { setImmediate as nextTurn } from "node:timers/promises"
import { makeSocketPolls } from "../../../src/engine/process/SocketPolls.ts"

/** When the loop polled, in so many turns of it. */
const timesOf = async (foundNs: () => bigint, turns: number): Promise<ReadonlyArray<number>> => {
  const times: Array<number> = []
  for (let turn = 0; turn < turns; turn++) {
    times.push(Number(foundNs()) / 1e6)
    await nextTurn()
  }
  return times
}

const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((at, index) => at - times[index]!)

describe("makeSocketPolls", () => {
  it("gives all that one turn of the loop finds one time, and the next turn's a later one", async () => {
    const { foundNs, restedMs } = makeSocketPolls(() => false)
    const [first, second] = [foundNs(), foundNs()]
    assert.strictEqual(first, second)
    await nextTurn()
    assert.isTrue(foundNs() > first)
    assert.strictEqual(restedMs(), 0)
  })

  it("polls again after as many sockets as libuv finds at once", () => {
    const { foundNs } = makeSocketPolls(() => false)
    const times = new Set(Array.from({ length: 3000 }, foundNs))
    assert.strictEqual(times.size, 3)
  })

  it("waits between two polls where it may, and tells how long it did", async () => {
    const startMs = performance.now()
    const { foundNs, restedMs } = makeSocketPolls(() => true)
    const times = await timesOf(foundNs, 50)
    assert.isAtLeast(Math.min(...gaps(times)), 0.15) // less than 0.05 ms of the 0.2 is not waited for
    assert.isAbove(restedMs(), 0)
    assert.isAtMost(restedMs(), performance.now() - startMs)
  })
})
