import { assert, describe, it } from "@effect/vitest"
import { RatingRules, reason, verdictOf } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { Schema } from "effect"
import { expect } from "vitest"
import { languageRun } from "../fixtures.ts"
import { allPages } from "../pages.ts"

const rules = Schema.decodeUnknownSync(RatingRules)({
  version: 7,
  gates: { trials: 5, reasons: ["busy-host"] },
  coverage: 0.6,
  starsWithoutQuality: 4,
  useCases: [
    {
      id: "chat",
      title: "Chat <fast>",
      task: "generate",
      criteria: [
        {
          metric: "ttft",
          weight: 2,
          points: [
            [20, 1],
            [60, 0.5],
          ],
        },
        {
          metric: "decode_tps_user",
          weight: 1,
          points: [
            [0, 0],
            [400, 1],
          ],
        },
      ],
    },
    {
      id: "spanish",
      title: "Spanish",
      task: "embed",
      criteria: [
        {
          metric: "docs_per_s",
          weight: 1,
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    },
  ],
})

const page = (...records: Parameters<typeof makeRegistry>[0]): string => allPages(makeRegistry(records, [], { rules }))

const section = (text: string, heading: string): string => {
  const from = text.indexOf(heading)
  assert.isAtLeast(from, 0, `no ${heading}`)
  const end = text.indexOf("\n#", from + heading.length)
  return text.slice(from, end === -1 ? undefined : end).trim()
}

describe("ratings in the registry", () => {
  it("explain each star", () => {
    expect(section(page(languageRun()), "### Use cases and rating")).toMatchInlineSnapshot(`
      "### Use cases and rating

      | use case | run | stars | why | record |
      | :- | :- | :- | :- | :- |
      | Chat &lt;fast&gt; | llamacpp on single: GPU 0 NVIDIA RTX 5090, latency-short-chat-2x128 | ★★★½ 3.5, speed only | ttft 41.24 ms: 0.73 points × 2; decode_tps_user 187.3 tokens/s: 0.47 points × 1 | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |

      </details>

      [r1]: ../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json

      <!-- all-models.md -->

      <!-- Generated, don't edit: run \`rigbook registry\`. -->"
    `)
  })

  it("name the best of a use case with its record", () => {
    expect(section(page(languageRun()), "### Chat &lt;fast&gt;")).toMatchInlineSnapshot(`
      "### Chat &lt;fast&gt;

      - Best: Tiny Llama 1B on llamacpp, single: GPU 0 NVIDIA RTX 5090: ★★★½ 3.5, speed only ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json))
      - Alternative: – (no other architecture qualifies)"
    `)
  })

  it("say why nobody qualifies", () => {
    const busy = languageRun({ verdict: verdictOf([reason("busy-host", "much")]) })
    expect(section(page(busy), "### Chat &lt;fast&gt;")).toMatchInlineSnapshot(`
      "### Chat &lt;fast&gt;

      - No model qualifies: Tiny Llama 1B ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json)): its verdict has busy-host."
    `)
    expect(section(page(busy), "### Spanish")).toMatchInlineSnapshot(`
      "### Spanish

      - No model qualifies: none was measured for it."
    `)
  })

  it("are left out where a workspace has no rules", () => {
    const text = allPages(makeRegistry([languageRun()], []))
    assert.notInclude(text, "Rating")
    assert.notInclude(text, "Recommendations")
  })
})
