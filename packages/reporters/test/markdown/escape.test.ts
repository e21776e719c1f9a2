import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Hostile } from "../hostile.ts"
import { fenced, href, link, sentence, text } from "../../src/markdown/escape.ts"

describe("text", () => {
  it("shows HTML, formatting and line breaks as what they are", () => {
    assert.strictEqual(text("<script>alert(1)</script> & co"), "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co")
    assert.strictEqual(
      text("**a** _b_ `c` [d](e) ~~f~~ $g$"),
      String.raw`\*\*a\*\* \_b\_ \`c\` &#91;d&#93;(e) \~\~f\~\~ \$g\$`,
    )
    assert.strictEqual(text(" two\r\nlines\u0000\u2028here "), "two lines here")
    assert.strictEqual(text("Q4_K_M"), "Q4_K_M")
    assert.strictEqual(text("right\u202Eleft"), "right&#91;U+202E&#93;left")
    assert.strictEqual(
      text("see https://a.example and www.b.example"),
      "see https&#58;//a.example and www&#46;b.example",
    )
  })

  it.prop("never lets a tag, an entity or a line break through", [Hostile], ([parts]) =>
    assert.notMatch(text(parts.join("")), /[<>\r\n]|&(?!amp;|lt;|gt;|#58;|#46;|#91;|#93;)/),
  )
})

it("ends sentences once", () => {
  assert.deepStrictEqual(["it broke", "it broke.", "why?"].map(sentence), ["it broke.", "it broke.", "why?"])
})

describe("link", () => {
  it("encodes what would end the link or name a scheme", () => {
    assert.strictEqual(link("a]b", "../raw/a b(1)/x.json"), "[a&#93;b](../raw/a%20b%281%29/x.json)")
    assert.strictEqual(href("javascript:alert(1)"), "javascript%3Aalert%281%29")
  })

  it.prop("takes any path", [Hostile], ([path]) => assert.match(href(path.join("")), /^[A-Za-z0-9\-_.%/]*$/))
})

describe("fenced", () => {
  it("takes colours out", () => {
    assert.strictEqual(fenced(["\u001b[31mred\u001b[0m"]), "```text\nred\n```")
  })

  it.prop("has a fence longer than any run of backticks inside", [Schema.Array(Hostile)], ([lines]) => {
    const shown = fenced(lines.map((parts) => parts.join("")))
    const fence = /^`+/.exec(shown)![0]
    const inside = shown.slice(fence.length, -fence.length)
    assert.isTrue(shown.endsWith(`\n${fence}`))
    assert.isFalse(inside.includes(fence))
  })
})
