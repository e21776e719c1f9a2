import { assert, describe, it } from "@effect/vitest"
import type { WriteStream } from "node:fs"
import { makeLog } from "../../../src/engine/process/EngineOutput.ts"

describe("makeLog", () => {
  it("keeps the last lines of an engine, and of a line without end the last of it", () => {
    let written = 0
    const log = makeLog({ write: (text: string) => (written += text.length) } as unknown as WriteStream)
    log.add("first\n")
    for (let piece = 0; piece < 1000; piece++) log.add("x".repeat(100_000))
    assert.isBelow(log.tail().join("\n").length, 10_000)
    assert.isBelow(log.head().length, 4 * 2 ** 20 + 100_001)
    assert.isBelow(written, 32 * 2 ** 20 + 200_000)
    log.add("\nlast\n")
    assert.strictEqual(log.tail().at(-1), "last")
    assert.strictEqual(log.tail()[0], "first")
  })
})
