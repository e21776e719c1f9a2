import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { markdown } from "../../src/markdown/MarkdownReporter.ts"
import { rigRegistry } from "../html/rig.ts"
import { wholeRegistry } from "../wholeRegistry.ts"

/** What a registry is opened with, and what its answer contains. */
const QUESTIONS = [
  [/which model/i, /tokens\/s|docs\/s/],
  [/which quantization/i, /×|compare/],
  [/fit\?/, /GiB|MiB|plan/],
  [/what changed/i, /release|faster|slower/],
  [/can i trust/i, /runs? .*valid|valid/],
] as const

/** Lines of a screen of text on GitHub, at the most. */
const SCREEN = 20

const answersOf = (page: string): ReadonlyArray<{ readonly line: number; readonly text: string }> =>
  page.split("\n").flatMap((text, index) => (/^- \*\*.+\?.*\*\* /.test(text) ? [{ line: index + 1, text }] : []))

describe.each([
  [
    "this repository's registry",
    () => readFileSync(join(import.meta.dirname, "../../../../models/REGISTRY.md"), "utf8"),
  ],
  ["any registry", () => String(markdown.registry(wholeRegistry()))],
])("REGISTRY.md of %s", (_, page) => {
  it("answers the five questions within two screens, in their order, each with where there is more", () => {
    const answers = answersOf(page())
    assert.lengthOf(answers, QUESTIONS.length)
    for (const [index, [question, answer]] of QUESTIONS.entries()) {
      const { line, text } = answers[index]!
      assert.isAtMost(line, 2 * SCREEN)
      assert.match(text, question)
      assert.match(text, answer)
      const [, section] = /\(#([^)]+)\)$/.exec(text) ?? []
      const titles = [...page().matchAll(/^## (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(" ", "-"))
      if (section !== undefined) assert.include(titles, section)
    }
  })
})

it("an empty registry has no answers yet", () => {
  assert.isEmpty(answersOf(String(markdown.registry(rigRegistry([])))))
})
