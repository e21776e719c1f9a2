import { assert, describe, it } from "@effect/vitest"
import { retryAfter } from "../../../src/engine/process/RetryAfter.ts"

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7)

describe("retryAfter", () => {
  it.each([
    ["0", 0],
    ["120", 120],
    ["0.5", 0.5],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 30],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 30],
    ["Sun Nov  6 08:49:37 1994", 30],
    ["Sun, 06 Nov 1994 08:49:07 GMT", 0],
    ["Sun, 06 Nov 1993 08:49:37 GMT", 0],
  ])("reads %j", (header, seconds) => {
    assert.strictEqual(retryAfter(header, undefined, NOW), seconds)
  })

  it.each([
    undefined,
    "",
    " ",
    "-5",
    "1e3",
    "Infinity",
    "soon",
    "in 5",
    "1994-11-06",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 28:49:37 GMT",
  ])("takes %j for nothing", (header) => {
    assert.isUndefined(retryAfter(header, undefined, NOW))
  })

  it("counts from the server's own clock, where it can be read", () => {
    const later = "Sun, 06 Nov 1994 09:00:00 GMT"
    assert.strictEqual(retryAfter(later, "Sun, 06 Nov 1994 08:59:50 GMT", NOW), 10)
    assert.strictEqual(retryAfter(later, "today", NOW), 653)
  })

  it("takes a header that was sent once, and no two", () => {
    assert.isUndefined(retryAfter("7, 8", undefined, NOW))
  })
})
