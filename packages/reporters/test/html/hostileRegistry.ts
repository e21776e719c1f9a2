import { CPU, Placement, type PlannedModel } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
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

const [, , , attribute = ""] = NAMES
const planned = NAMES.map((name, index): PlannedModel => ({
  status: "planned",
  id: `p${index}"><b>`,
  name,
  path: "models/configs/a\nb<svg onload=alert(1)>.yaml",
  task: "generate",
  license: name,
  priority: "high",
  use: name,
  strategy: name,
  host: attribute,
  estimates: [
    {
      backend: name,
      scenario: name,
      quantization: name,
      parameters: 1e9,
      bitsPerWeight: 4.5,
      placement: new Placement({ strategy: "cpu", devices: [CPU] }),
      refused: [],
      devices: [
        {
          device: CPU,
          name,
          bytes: 2 ** 30,
          parts: [{ name, bytes: 2 ** 30, basis: "exact", formula: name }],
        },
      ],
      bytes: 2 ** 30,
      longestContext: { absent: name },
    },
  ],
}))

/** Models that were named by somebody who wants to be more than text, with two mebibytes of notes. */
export const hostileRegistry = makeRegistry(
  records,
  records.map(({ cell }, index) => ({
    model: cell.config.id,
    path: "models/notes/</script>\n<b>.md",
    author: NAMES[index]!,
    date: attribute,
    claims: [
      { metric: "ttft", value: 1, tolerance: 10 },
      { device: "cpu", scenario: attribute },
    ],
    text: "</script><b onclick=alert(1)>&amp;".padEnd(2 * 2 ** 20, "note "),
  })),
  {
    planned,
    reports: records.map(({ id }) => id),
    configs: planned.map(({ id, name, path, task, use }) => ({
      id,
      name,
      path,
      task,
      source: { path: attribute },
      planned: { priority: "high", use },
    })),
  },
)
