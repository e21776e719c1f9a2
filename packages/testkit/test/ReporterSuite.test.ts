import { assert, describe, it } from "@effect/vitest"
import type { Reporter } from "@rigbook/core"
import { Effect } from "effect"
import { checkReporter, reporterSuite } from "../src/index.ts"

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const good: Reporter = {
  id: "list",
  extension: "html",
  registry: ({ entries }) => entries.map(({ name }) => `<li>${escaped(name)}\n`).join(""),
  report: (records) =>
    records
      .map(({ cell, verdict }) => `<li>${escaped(cell.config.name)}: ${verdict.reasons.map(({ code }) => code).join()}`)
      .join("\n"),
}

reporterSuite(good)

let turn = 0
const BROKEN: ReadonlyArray<[fault: string, Partial<Reporter>, fails: string, says: RegExp]> = [
  ["its extension has a dot", { extension: ".html" }, "says what it is", /without the dot/],
  [
    "it writes the time",
    { report: (records) => `${good.report(records)} ${turn++}` },
    "gives the same for the same records, and does not change them",
    /another text the second time/,
  ],
  [
    "its parts are not the whole",
    { registryParts: (registry) => good.registry(registry).split("\n") },
    "gives the same registry in parts and at once",
    /differ from the text/,
  ],
  [
    "it throws where there is nothing",
    { report: (records) => (records.length === 0 ? records[0]!.id : good.report(records)) },
    "handles a registry without records",
    /The plugin threw/,
  ],
  [
    "it shows what is missing as a figure",
    { registry: (registry) => good.registry(registry) + ` ${registry.entries[0]?.records[0]?.values[9]?.title}` },
    "shows no invalid figure",
    /contains "undefined"/,
  ],
  ["it names no model", { registry: () => "nothing" }, "names the models", /does not name the measured model/],
  [
    "it hides why a record is invalid",
    { report: (records) => records.map(({ cell }) => escaped(cell.config.name)).join() },
    "says why a record is invalid",
    /cache-warm/,
  ],
  [
    "it lets names run",
    { registry: ({ entries }) => entries.map(({ name }) => name).join() },
    "escapes the names of models and files",
    /would run in a browser/,
  ],
  [
    "it lets names be computed",
    { extension: "csv", registry: ({ entries }) => entries.map(({ name }) => name).join() },
    "escapes the names of models and files",
    /a spreadsheet would compute/,
  ],
]

describe("the suite for reporters finds that", () => {
  for (const [fault, change, fails, says] of BROKEN)
    it.live(fault, () =>
      Effect.gen(function* () {
        const results = yield* checkReporter({ ...good, ...change })
        const failed = results.filter(({ outcome }) => outcome === "failed")
        assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
        assert.match(failed[0]?.outcome === "failed" ? failed[0].sentence : "", says)
      }),
    )
})
