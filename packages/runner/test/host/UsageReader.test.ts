import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import os from "node:os"
import { UsageReader } from "../../src/host/UsageReader.ts"

/** Keeps this process at work. */
const work = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe("UsageReader", () => {
  it.effect("sees this process at work, in the process's own count and in the machine's", () =>
    Effect.gen(function* () {
      const { host, own, process: use } = yield* UsageReader
      const before = { host: host()!, own: own(), use: use(process.pid)! }
      work(300)
      const after = { host: host()!, own: own(), use: use(process.pid)! }
      const cpuMs = after.own.cpuMs - before.own.cpuMs
      assert.isAbove(cpuMs, 0)
      // The two are counted by different clocks: one in steps of 10 ms.
      assert.approximately(after.use.cpuMs - before.use.cpuMs, cpuMs, 50)
      assert.isAtLeast(after.host.busyMs - before.host.busyMs, cpuMs - 50)
      assert.isAtLeast(after.host.totalMs - before.host.totalMs, after.host.busyMs - before.host.busyMs)
      assert.isAbove(after.use.threads, 1)
    }),
  )

  it.effect("counts all cores, and knows nothing of a process that is not there", () =>
    Effect.gen(function* () {
      const { host, process: use } = yield* UsageReader
      assert.isAtLeast(host()!.totalMs, os.uptime() * 500)
      assert.isUndefined(use(2 ** 30))
    }),
  )
})
