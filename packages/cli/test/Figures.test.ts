import { assert, describe, it } from "@effect/vitest"
import type { Metric } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { around, embeddingRun, languageRun, value } from "../../reporters/test/fixtures.ts"
import { headline } from "../src/output/Figures.ts"

const odd: Metric = {
  id: "odd",
  title: "Odd size",
  definition: "made for a test",
  unit: "B",
  better: "lower",
  tasks: ["generate"],
  views: ["line"],
  measure: () => ({ value: 1 }),
}

describe("headline", () => {
  it("says most of a record in a line, by its task", () => {
    assert.strictEqual(
      headline(languageRun(), METRICS),
      "TTFT 41.2 ms, decode 187 tokens/s, prefill 12346 tokens/s, peak memory 1024 MiB",
    )
    assert.strictEqual(headline(embeddingRun(), METRICS), "553 docs/s, 70822 tokens/s")
  })

  it("says of a load what one waits for and all come to, and leaves out what is missing", () => {
    const { scenario } = languageRun().cell
    const load = languageRun({
      cell: { scenario: { ...scenario, kind: "soak", streams: 4, seconds: 60, cache: "fresh", seed: 1 } as never },
      values: [
        value("ttft", "Time to first token", "ms", around(80)),
        value("output_tps", "Output throughput", "tokens/s", around(400), "higher"),
      ],
    })
    assert.strictEqual(headline(load, METRICS), "TTFT 80 ms, output 400 tokens/s")
  })

  it("ends with the figures of plugins that request it", () => {
    const run = languageRun({ values: [value("odd", "Odd size", "B", around(2 ** 30))] })
    assert.strictEqual(headline(run, [...METRICS, odd]), "Odd size 1024 MiB")
    assert.strictEqual(headline(run, METRICS), "")
  })
})
