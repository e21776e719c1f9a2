import { assert, describe, it } from "@effect/vitest"
import { withoutHtml } from "../../src/markdown/html.ts"

const shown = (markdown: string): string => withoutHtml(markdown.split("\n")).join("\n")

describe("withoutHtml", () => {
  it.for([
    "Fast, **small**, [good](https://example.org) for a < b and a <- b.",
    "See <https://example.org/a?b=c>.",
    "It thinks in `<think>` and ``a `<b>` c``.",
    "```html\n<script>\n```\nafter",
    "~~~\n<script>\n~~~~",
  ])("keeps %j word for word", (markdown) => {
    assert.strictEqual(shown(markdown), markdown)
  })

  it.for([
    ["<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"],
    ["a <img src=x onerror=alert(1)>", "a &lt;img src=x onerror=alert(1)>"],
    ["<!-- c --> <?x?>", "&lt;!-- c --> &lt;?x?>"],
    ["```\ncode\n```\n<b>", "```\ncode\n```\n&lt;b>"],
  ] as const)("shows the tags of %j", ([markdown, expected]) => {
    assert.strictEqual(shown(markdown), expected)
  })

  it.for([
    ["a span that an earlier line began", "a ` b\n`<b>`"],
    ["a backtick that is none", "\\`<b>`"],
    ["a span that a table's cell cuts", "| a` | `b` <b>` |"],
    ["a link that holds a backtick", "<https://x`> ` `<b>` y`"],
    ["an indented fence", " ```\n```\n<b>"],
    ["a fence that its list ends", "- a\n  ```\n```\n```\n<b>"],
    ["a fence with a backtick after it", "``` `\n<b>"],
  ] as const)("trusts no code after %s", ([, markdown]) => {
    assert.notInclude(shown(markdown), "<b>")
  })
})
