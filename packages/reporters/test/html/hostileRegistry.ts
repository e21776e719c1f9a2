import { makeRegistry } from "@rigbook/core"
import { languageRun } from "../fixtures.ts"

const NAMES = [
  "</script><img src=x onerror=alert(1)><!-- <script>",
  '=HYPERLINK("http://example.org","x")',
  "right\u202Eot\u2066 left\u2028line",
  `"' onmouseover="alert(1)" {{constructor}} \${alert(1)}`,
]

const records = NAMES.map((name, index) =>
  languageRun({
    id: `2025-${index}-"><script>alert(1)`,
    cell: { config: { id: `m${index}"></script>`, name, path: "models/configs/a\nb<svg onload=alert(1)>.yaml" } },
  }),
)

/** Models that were named by somebody who wants to be more than text, with two mebibytes of notes. */
export const hostileRegistry = makeRegistry(
  records,
  records.map(({ cell }) => ({
    model: cell.config.id,
    path: "models/notes/</script>\n<b>.md",
    text: "</script><b onclick=alert(1)>&amp;".padEnd(2 * 2 ** 20, "note "),
  })),
)
