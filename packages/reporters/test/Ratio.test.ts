import { assert, describe, it } from "@effect/vitest"
import { reason, verdictOf } from "@rigbook/core"
import { ratioOf, ratioText } from "../src/Ratio.ts"
import { around, languageRun, value } from "./fixtures.ts"

const run = (decode: number, ttft = 100) =>
  languageRun({
    values: [
      value("decode_tps_user", "Decode speed", "tokens/s", around(decode), "higher"),
      value("ttft", "Time to first token", "ms", around(ttft)),
    ],
  })

const word = (decode: number) => ratioOf(run(100), run(decode), "decode_tps_user")?.word

describe("a ratio of two runs", () => {
  it("is faster or slower only where the interval excludes 1 and the change is 5 % or more", () => {
    assert.deepStrictEqual([130, 104, 100.2, 100, 70].map(word), ["faster", "same", "same", "same", "slower"])
    assert.match(
      ratioText(ratioOf(run(100), run(130), "decode_tps_user")!),
      /^1\.30×\u00a0\(1\.\d\d to 1\.3\d\) faster$/,
    )
  })

  it("of what is better when lower is shorter or longer", () => {
    assert.strictEqual(ratioOf(run(1, 100), run(1, 200), "ttft")?.word, "longer")
    assert.strictEqual(ratioOf(run(1, 100), run(1, 50), "ttft")?.word, "shorter")
  })

  it("is inconclusive where few trials scatter widely", () => {
    const wide = (...trials: ReadonlyArray<number>) =>
      languageRun({ values: [value("decode_tps_user", "Decode speed", "tokens/s", trials, "higher")] })
    const ratio = ratioOf(wide(50, 80, 100, 120, 150), wide(60, 90, 130, 140, 160), "decode_tps_user")
    assert.strictEqual(ratio?.word, "inconclusive")
  })

  it("is none of an invalid run, of another metric, and not trusted of a suspect one", () => {
    const invalid = languageRun({ verdict: verdictOf([reason("cache-warm", "x")]) })
    const noisy = languageRun({ verdict: verdictOf([reason("noisy", "x")]) })
    assert.isUndefined(ratioOf(languageRun(), invalid, "decode_tps_user"))
    assert.isUndefined(ratioOf(languageRun(), languageRun(), "docs_per_s"))
    assert.isFalse(ratioOf(languageRun(), noisy, "decode_tps_user")?.trusted)
    assert.isTrue(ratioOf(languageRun(), languageRun(), "decode_tps_user")?.trusted)
  })
})
