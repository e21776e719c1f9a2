import { assert, describe, it } from "@effect/vitest"
import { marked } from "marked"
import { withoutHtml } from "../../src/markdown/html.ts"

const shown = (markdown: string): string => withoutHtml(markdown.split("\n")).join("\n")

describe("withoutHtml", () => {
  it.for([
    "Fast, **small**, [good](https://example.org) for a < b and a <- b.",
    "See <https://example.org/a?b=c>.",
    "It thinks in `<think>` and ``a `<b>` c``.",
    "```html\n<script>\n```\nafter",
    "~~~\n<script>\n~~~~",
    'A plot: ![speeds](../plots/a-b.svg "Speeds"), a [file](notes/a.md#part), a [mail](mailto:a@b.example), a [place](#x).',
    "[1]: see there, [x]() and `![a](https://x) [b](javascript:c)`",
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

  it.for([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "<javascript:alert(1)>",
    "java&Tab;script:alert(1)",

    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "vbscript:x",
    "data:text/html,x",
    "\\njavascript:alert(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "\\\\\\\\evil.example",
    "\\u0001javascript:alert(1)",
  ])("makes text of links to %j", (destination) => {
    for (const markdown of [
      `[a](${destination})`,
      `[a\n](${destination})`,
      `- [a](\n${destination})`,
      `[![b](x.svg)](${destination})`,

      `[a]\n\n[a]: ${destination}`,
      `[a]\n\n> [a]:\n> ${destination}`,
      `![a](${destination})`,
      `![a]\n\n[a]: ${destination}`,
      `[\`a\`](${destination})`,
      `<${destination.trim()}>`,
    ]) {
      const html = marked.parse(shown(markdown), { async: false, gfm: true })
      assert.notMatch(html, /(?:href|src)="(?!x\.svg")[^"]/, `${markdown}\n${html}`)
    }
  })

  it.for([
    "https://x.example/a.png",
    "http://x",
    "//x.example/a.png",
    "data:image/png;base64,x",
    "h&#116;tps://x.example",
    "<https://x>",
  ])("fetches no image from %s", (address) => {
    for (const markdown of [
      `![a](${address})`,
      `![a [b] c](${address} "t")`,
      `![a][b]\n\n[b]: ${address}`,
      `![b]\n\n[b]: ${address}`,
      `!\\[a](${address})![a](${address})`,
      `[![a](${address})](https://y)`,
      `![\`a\`](${address})`,
    ])
      assert.notMatch(marked.parse(shown(markdown), { async: false, gfm: true }), /<img/, markdown)
  })
})
