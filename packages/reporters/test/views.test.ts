import { assert, describe, it } from "@effect/vitest"
import type { Metric } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { makeRegistry } from "@rigbook/registry"
import { pageData, pageSource } from "../src/html/data/pageSource.ts"
import { markdown } from "../src/index.ts"
import { around, languageRun, value } from "./fixtures.ts"

/** As a plugin brings it. */
const odd: Metric = {
  id: "odd",
  title: "Odd time",
  definition: "made for a test",
  unit: "ms",
  better: "lower",
  tasks: ["generate"],
  views: ["runs"],
  measure: () => ({ value: 1 }),
}
const metrics = [...METRICS, odd]
const plain = languageRun()
const own = languageRun({ values: [...plain.values, value("odd", "Odd time", "ms", around(7))] })

/** The heads of the first table that has a row for each run. */
const heads = (page: string) =>
  page.split("\n").find((line) => /^\| (?:model|verdict) \| (?:quantization|variant)/.test(line))!

describe("a metric of a plugin that requests a view", () => {
  it("is a column after Rigbook's own of a registry, and of a report", () => {
    for (const page of [
      markdown.registry({ ...makeRegistry([own], []), metrics }),
      markdown.report([own], new Map(), metrics),
    ]) {
      assert.match(heads(page), /\| peak memory \| Odd time \(ms\) \| (?:verdict|stars) \|/)
      assert.match(page, /\| 1,?024.MiB \| 7\.0[^|]* \|/)
    }
  })

  it("is none where no run has the figure, and where the plugin is not there", () => {
    assert.notInclude(heads(markdown.registry({ ...makeRegistry([plain], []), metrics })), "Odd time")
    assert.notInclude(heads(markdown.registry(makeRegistry([own], []))), "Odd time")
  })

  it("is a column of the page", () => {
    const of = (shown: typeof metrics) =>
      pageData(pageSource({ ...makeRegistry([own], []), metrics: shown }, "models")).columns.runs
    assert.deepStrictEqual(of(metrics).generate, [...of([...METRICS]).generate, "odd"])
    assert.deepStrictEqual(of(metrics).embed, of([...METRICS]).embed)
  })
})
