import { assert, describe, it } from "@effect/vitest"
import { startStreamThread } from "../../../src/engine/process/StreamThread.ts"
import { Stamps } from "../../../src/scenario/Stamps.ts"

const REQUEST = { method: "POST", path: "/v1/completions", body: "{}" } as const

describe("startStreamThread", () => {
  it("tells each who waits when the thread has ended, and who comes later", async () => {
    const thread = startStreamThread({ url: "no address at all", headers: {}, keepAlive: true })
    const requested = () => new Promise((resolve) => thread.send(REQUEST, Stamps.of(1, 0, 0), resolve))
    const ends = await Promise.all([requested(), requested(), thread.readings().catch((error: unknown) => error)])
    for (const end of [...ends, await requested()]) assert.match((end as Error).message, /Invalid URL/)
    await thread.close()
  })

  it("tells how busy its own loop was, since it was last asked to watch", async () => {
    const thread = startStreamThread({ url: "http://127.0.0.1:9", headers: {}, keepAlive: true })
    await thread.readings()
    thread.watch()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { delayMaxMs, delayP99Ms, utilization } = await thread.readings()
    assert.isAtLeast(delayMaxMs, delayP99Ms)
    assert.isBelow(utilization, 0.9)
    await thread.close()
  })
})
