import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { plainLines, visible, visibleLines } from "../src/Visible.ts"

describe("visible", () => {
  it("names what can't be seen or turns the direction of writing, and keeps one line", () => {
    assert.strictEqual(visible(" a\u202Eb\n\tc\u0000\u200B "), "a[U+202E]b c[U+0000][U+200B]")
    assert.strictEqual(visible("\ud800x"), "[U+D800]x")
    assert.strictEqual(visible("Übung 語 🙂 עברית"), "Übung 語 🙂 עברית")
  })

  it("keeps the lines of a note", () => assert.strictEqual(visibleLines("a\r\nb\u2028c\n"), "a\nb[U+2028]c\n"))
})

describe("plainLines", () => {
  it("takes out what steers a terminal, and names the rest", () => {
    assert.strictEqual(plainLines("\u001B[31mred\u001B[0m\u001B]0;title\u0007<img src=x>"), "red<img src=x>")
    assert.strictEqual(plainLines("a\tb\r\nc\rd\u009B"), "a\tb\nc\nd[U+009B]")
  })

  it.prop("leaves no control character but tabs and line breaks", { text: Schema.String }, ({ text }) => {
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there.
    assert.notMatch(plainLines(`\u001B${text}\u202E\u009B2J`), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  })
})
