import { assert, describe, it } from "@effect/vitest"
import { scriptJson } from "../src/html/scriptJson.ts"
import { visible, visibleLines } from "../src/visible.ts"
import { markup } from "../src/html/markup.ts"
import { Hostile } from "./hostile.ts"

describe("visible", () => {
  it("names what can't be seen or turns the direction of writing, and keeps one line", () => {
    assert.strictEqual(visible(" a\u202Eb\n\tc\u0000\u200B "), "a[U+202E]b c[U+0000][U+200B]")
    assert.strictEqual(visible("\ud800x"), "[U+D800]x")
    assert.strictEqual(visible("Übung 語 🙂 עברית"), "Übung 語 🙂 עברית")
  })

  it("keeps the lines of a note", () => assert.strictEqual(visibleLines("a\r\nb\u2028c\n"), "a\nb[U+2028]c\n"))
})

describe("scriptJson", () => {
  it.prop("gives the value back, in a text that can't leave its element or its line", [Hostile], ([parts]) => {
    const value = { [parts.join("")]: parts.join("") }
    const text = scriptJson(value)
    assert.deepStrictEqual(JSON.parse(text), value)
    assert.notMatch(text, /[<>&\u2028\u2029\n]/)
  })
})

describe("markup", () => {
  it("escapes text and attributes, and takes only markup as it is", () => {
    const inner = markup("b", {}, `<i>"&'`)
    assert.strictEqual(
      markup("a", { href: `"><script>` }, "x < y", inner).html,
      `<a href="&quot;&gt;&lt;script&gt;">x &lt; y<b>&lt;i&gt;&quot;&amp;&#39;</b></a>`,
    )
  })
})
