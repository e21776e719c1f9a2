import { assert, describe, expect, it } from "@effect/vitest"
import type { Registry, Reporter } from "@rigbook/core"
import { Schema } from "effect"
import { registryPage, reportPage } from "../src/html/HtmlReporter.ts"
import { csv, json, markdown } from "../src/index.ts"
import { rigRegistry } from "./html/rig.ts"
import { allPages } from "./pages.ts"
import { wholeRecords, wholeRegistry } from "./wholeRegistry.ts"

/** The page's own script and style are tested in a browser. */
const assets = { script: "start()", style: "body{}" }
const html: Reporter = {
  id: "html",
  extension: "html",
  registry: (registry: Registry) => registryPage(registry, assets),
  report: (records) => reportPage(records, assets),
}
const reporters = [markdown, json, csv, html].map((reporter) => [reporter.id, reporter] as const)
it("REGISTRY.md and the pages beside it, of a registry with all parts, are what they were", async () => {
  await expect(allPages(wholeRegistry())).toMatchFileSnapshot("golden/whole.md")
  const plots = [...markdown.registryPages!(wholeRegistry())].filter(({ name }) => name.endsWith(".svg"))
  for (const { name, parts } of plots)
    await expect([...parts()].join("")).toMatchFileSnapshot(`golden/${name.replace("/", "-")}`)
})
it.each([json, csv, html])("$id of a registry with all parts is what it was", async ({ extension, registry }) => {
  await expect(registry(wholeRegistry())).toMatchFileSnapshot(`golden/whole.${extension}`)
})

const Keys = Schema.Tuple(wholeRecords.map(() => Schema.Int))

describe.each(reporters)("%s", (_, reporter) => {
  it("of a rig's registry is what it was", async () => {
    await expect(reporter.registry(rigRegistry())).toMatchFileSnapshot(`golden/registry.${reporter.extension}`)
  })

  it("of an empty registry is whole", () => assert.isNotEmpty(reporter.registry(rigRegistry([]))))

  const textOf = (of: Registry): string => (reporter.id === "markdown" ? allPages(of) : reporter.registry(of))
  const [registry, report] = [textOf(wholeRegistry()), reporter.report(wholeRecords)]
  it.prop(
    "has the same bytes whatever order the records are in",
    { keys: Keys, turned: Schema.Boolean },
    ({ keys, turned }) => {
      const shuffled = wholeRecords
        .map((record, index) => ({ record, key: keys[index]! }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ record }) => record)
      assert.strictEqual(textOf(wholeRegistry(shuffled, (list) => (turned ? list.toReversed() : list))), registry)
      assert.strictEqual(reporter.report(shuffled), report)
    },
  )
})
