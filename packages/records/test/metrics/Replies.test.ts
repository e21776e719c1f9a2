import { assert, describe, it } from "@effect/vitest"
import { isRight } from "../../src/metrics/Replies.ts"

describe("a reply to a question with choices", () => {
  const right = (reply: string, answer = "B", choices = 4) => isRight({ answer, choices, reply })

  it("is the letter that it begins with, whatever marks stand around it", () => {
    for (const reply of ["B", "b", "B.", " (b)\n", "**B**", "B) the Nile", "B because it is long", "B. Not A.", "B/C"])
      assert.isTrue(right(reply), reply)
    for (const reply of ["A", "C, not B", "D."]) assert.isFalse(right(reply), reply)
  })

  it("is else the only letter that it names", () => {
    for (const reply of ["Answer: B", "The right answer is B.", "La respuesta es B", "The answer is (B), so B"])
      assert.isTrue(right(reply), reply)
    assert.isTrue(right("It is A because of the river", "A"))
    for (const reply of ["It is A or B", "the Nile", "", "e", "Between C and D"])
      assert.isUndefined(right(reply), reply)
  })

  it("is no letter of a word, nor one beyond the choices", () => {
    for (const reply of ["A river in Africa", "It is long. A river.", "I think so", "Bees", "B2", "E", "Z.", "B's"])
      assert.isUndefined(right(reply), reply)
    assert.isTrue(right("E", "E", 5))
    assert.isUndefined(right("B", "A", 1))
  })

  it("is none where the list of choices is repeated", () => {
    for (const answer of ["A", "B"]) assert.isUndefined(right("A. the Amazon\nB. the Nile\nC. the", answer))
    assert.isTrue(right("B. the Nile\nA. is shorter"))
  })

  it("is found in one pass, whatever a server replies", () => {
    const spaces = " ".repeat(1_000_000)
    for (const reply of [spaces, `${spaces}${"zz A ".repeat(100_000)}`, `${"A b\n".repeat(200_000)}`, "B".repeat(1e6)])
      assert.isFalse(right(reply, "D") ?? false)
  })

  it("comes after the reasoning", () => {
    assert.isTrue(right("<think>A, or C?</think>\n\nB"))
  })
})

describe("a reply to a question without choices", () => {
  const right = (answer: string, reply: string) => isRight({ answer, reply })

  it("is its last number where the answer is one, by its value", () => {
    for (const reply of ["1234.5", "1,234.50", "1.234,5", "12 and then 1234.5.", "= 1234,5"])
      assert.isTrue(right("1234.5", reply), reply)
    assert.isTrue(right("1,234", "1234"))
    assert.isTrue(right("1234567", "1.234.567"))
    assert.isTrue(right("-3", "x = −3"))
    assert.isTrue(right("1995", "1990-1995"))
    assert.isTrue(right("3.125", "3,1250"))
    assert.isFalse(right("7", "7 or 8"))
    assert.isUndefined(right("7", "seven"))
  })

  it("is its whole text otherwise, without case, punctuation and repeated spaces", () => {
    assert.isTrue(right("Mont Blanc", " mont  blanc.\n"))
    assert.isTrue(right("ﬁsh", "Fish!"))
    assert.isFalse(right("Mont Blanc", "It is Mont Blanc"))
    assert.isFalse(right("año", "ano"))
    assert.isUndefined(right("Mont Blanc", " …"))
  })
})
