import { assert, describe, it } from "@effect/vitest"
import { sentencePieces, wordPieces } from "../../../src/models/synthetic/Vocabulary.ts"
import { seeded } from "../../../src/scenario/Seeded.ts"
import { syntheticText } from "../../../src/scenario/SyntheticText.ts"

const TEXT = syntheticText(2000, seeded("vocabulary"))

/** As llama.cpp does: of all neighbours that are a token together, those with the best score are joined first. */
const joined = (text: string, scores: ReadonlyMap<string, number>): ReadonlyArray<string> => {
  const symbols = Array.from(text)
  for (;;) {
    const pairs = symbols.slice(1).map((next, at) => scores.get(`${symbols[at]}${next}`) ?? -Infinity)
    const best = Math.max(...pairs)
    if (best === -Infinity) return symbols
    const at = pairs.indexOf(best)
    symbols.splice(at, 2, `${symbols[at]}${symbols[at + 1]}`)
  }
}

describe("a generated vocabulary", () => {
  it.each([4096, 32_000, 128_256])("of %d pieces has each word of a generated prompt as one token", (size) => {
    const { scores, tokens } = sentencePieces(size)
    assert.strictEqual(new Set(tokens).size, size)
    const known = new Map(tokens.map((token, id) => [token, scores[id]!]))
    for (const word of new Set(TEXT.split(" "))) assert.deepStrictEqual(joined(`▁${word}`, known), [`▁${word}`])
    // Other words are cut, as before.
    assert.isAbove(joined("▁jurisdiction", known).length, 2)
  })

  it("of word pieces has the words that it is given, beside the runs of letters that all have", () => {
    const words = [...new Set(TEXT.split(" "))]
    const [plain, more] = [wordPieces(50_000), wordPieces(50_000, words)]
    assert.includeMembers([...more], words)
    for (const tokens of [plain, more]) {
      assert.strictEqual(new Set(tokens).size, 50_000)
      assert.includeMembers([...tokens], ["abc", "##abc"])
    }
  })
})
