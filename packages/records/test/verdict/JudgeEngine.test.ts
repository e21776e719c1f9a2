import { assert, describe, it } from "@effect/vitest"
import type { EngineIdentity } from "@rigbook/core"
import type { OpeningIdentity } from "../../src/journal/Journal.ts"
import { judgeEngine } from "../../src/verdict/JudgeEngine.ts"

const identity = (version: string | undefined, pid: string | undefined, absent?: string): EngineIdentity => ({
  program: version === undefined ? {} : { version },
  process: pid === undefined ? {} : { pid },
  ...(absent === undefined ? {} : { absent }),
})
const opening = (opened: EngineIdentity | undefined, closed?: EngineIdentity): OpeningIdentity => ({ opened, closed })
const one = identity("1", "7")

/** Codes with their details. */
const said = (...openings: ReadonlyArray<OpeningIdentity>): ReadonlyArray<string> =>
  judgeEngine(openings).map(({ code, detail }) => `${code}: ${detail}`)

describe("judgeEngine", () => {
  it("has nothing against one engine, nor where none reports anything", () => {
    assert.deepStrictEqual(said(opening(one, one)), [])
    assert.deepStrictEqual(said(), [])
    assert.deepStrictEqual(said(opening(undefined), opening(undefined)), [])
    // An opening that was cut, and one of the same version that was started again.
    assert.deepStrictEqual(said(opening(one), opening(identity("1", "8"), identity("1", "8"))), [])
  })

  it("names each fact that changed, by when", () => {
    assert.deepStrictEqual(said(opening(one, identity("2", "8"))), [
      "engine-changed: version was 1 at the start, and 2 at the end; pid was 7 at the start, and 8 at the end",
    ])
    assert.deepStrictEqual(said(opening(one), opening(identity("2", "8"), identity("2", "8"))), [
      "engine-changed: version was 1 at the start of opening 1, and 2 at the start of opening 2",
    ])
    assert.deepStrictEqual(said(opening(one, identity(undefined, "7"))), [
      "engine-changed: version was 1 at the start, and not reported at the end",
    ])
    assert.deepStrictEqual(said(opening(identity(undefined, "7"), one)), [
      "engine-changed: version was not reported at the start, and 1 at the end",
    ])
  })

  it("takes an answer that is missing for unknown, and believes what it still says", () => {
    const why = "the engine's identity at the end is unknown: no answer"
    assert.deepStrictEqual(said(opening(one, identity(undefined, undefined, "no answer"))), [
      `engine-unverified: ${why}`,
    ])
    assert.deepStrictEqual(said(opening(one, identity("2", undefined, "no answer"))), [
      "engine-changed: version was 1 at the start, and 2 at the end",
      `engine-unverified: ${why}`,
    ])
  })
})
