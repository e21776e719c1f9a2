import { assert, describe, it } from "@effect/vitest"
import { scriptJson } from "../src/html/scriptJson.ts"
import { markup } from "../src/markup/markup.ts"
import { Hostile } from "./hostile.ts"

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
