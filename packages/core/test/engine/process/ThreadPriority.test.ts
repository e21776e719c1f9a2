import { assert, describe, it } from "@effect/vitest"
import { release } from "node:os"
import { Worker } from "node:worker_threads"

/** What Linux says of a thread once it has asked to go before others: its policy, its priority, its slice. */
const THREAD = `
const { readFileSync } = require("node:fs")
const { parentPort, workerData } = require("node:worker_threads")
import(workerData).then(async ({ raisePriority }) => {
  await raisePriority()
  if (process.platform !== "linux") return parentPort.postMessage(undefined)
  const fields = readFileSync("/proc/thread-self/stat", "utf8").split(") ")[1].split(" ")
  const slice = /^se\\.slice +: +(\\d+)$/m.exec(readFileSync("/proc/thread-self/sched", "utf8"))
  parentPort.postMessage({ priority: Number(fields[37]), policy: Number(fields[38]), sliceNs: Number(slice?.[1]) })
})`

interface Scheduled {
  readonly policy: number
  readonly priority: number
  readonly sliceNs: number
}

const requested = () =>
  new Promise<Scheduled | undefined>((resolve, reject) => {
    const file = new URL("../../../src/engine/process/ThreadPriority.ts", import.meta.url).href
    new Worker(THREAD, { eval: true, workerData: file }).once("message", resolve).once("error", reject)
  })

const [major = 0, minor = 0] = release().split(".").map(Number)
const knowsSlices = major > 6 || (major === 6 && minor >= 12)

describe("raisePriority", () => {
  it("has a thread run in real time, or in the shortest slices where that is not allowed; elsewhere than on Linux as before", async () => {
    const reported = await requested()
    if (process.platform !== "linux") assert.isUndefined(reported)
    else if (reported!.policy === 2) assert.strictEqual(reported!.priority, 1)
    else assert.deepStrictEqual([reported!.policy, reported!.sliceNs], [0, knowsSlices ? 100_000 : reported!.sliceNs])
  })
})
