import { assert, describe, it } from "@effect/vitest"
import { apiPages } from "../tools/reference/ApiPage.ts"
import { commandNames } from "../tools/reference/CommandLinePage.ts"
import { isSourceless, lacksOf } from "../tools/reference/DocRules.ts"
import { withPart } from "../tools/reference/Page.ts"
import type { Field, PublicName } from "../tools/reference/PublicName.ts"

const name = (change: Partial<PublicName>): PublicName => ({
  name: "thing",
  kind: "function",
  file: "packages/core/src/Thing.ts",
  line: 3,
  doc: "What it is.",
  declaration: "declare const thing: () => void",
  fields: [],
  parameters: [],
  errors: [],
  ...change,
})
const field = (change: Partial<Field>): Field => ({
  name: "size",
  type: "number",
  optional: false,
  numeric: true,
  doc: "",
  ...change,
})
const lacks = (...names: ReadonlyArray<PublicName>) =>
  lacksOf([{ name: "@rigbook/core", names, tabled: [] }]).map(({ sentence }) => sentence)

describe("public names", () => {
  it("need a docstring", () => {
    assert.deepStrictEqual(lacks(name({})), [])
    assert.deepStrictEqual(lacks(name({ doc: "" })), ["thing has no docstring: say what it is."])
  })

  it("tell the units of their numbers: in the name, in its docstring, or in that of the whole", () => {
    assert.match(lacks(name({ fields: [field({})] }))[0]!, /unit its size \(number\)/)
    assert.match(lacks(name({ parameters: [field({})] }))[0]!, /unit its size \(number\)/)
    for (const reported of [field({ name: "sizeBytes" }), field({ name: "layers" }), field({ doc: "In bytes." })])
      assert.deepStrictEqual(lacks(name({ fields: [reported] })), [])
    assert.deepStrictEqual(lacks(name({ doc: "Its `size` is that of a page.", fields: [field({})] })), [])
  })

  it("tell what each number of a list is, which no name does", () => {
    const list = field({ name: "timesMs", type: "readonly number[]" })
    assert.match(lacks(name({ fields: [list] }))[0]!, /timesMs/)
    assert.deepStrictEqual(lacks(name({ fields: [{ ...list, doc: "Milliseconds, one a chunk." }] })), [])
  })

  it("say how they fail, with errors that are public", () => {
    assert.strictEqual(lacks(name({ errors: ["Broken"] })).length, 2)
    assert.match(lacks(name({ errors: ["Broken"], doc: "Fails with `Broken`." }))[0]!, /not public: export it/)
    const error = name({ name: "Broken", kind: "error" })
    assert.deepStrictEqual(lacks(error, name({ errors: ["Broken"], doc: "Fails with `Broken`." })), [])
    assert.deepStrictEqual(lacks(name({ errors: ["PlatformError"], doc: "Fails with `PlatformError`." })), [])
  })

  it("name the source of a formula", () => {
    const formula = "export const half = (value: number): number => value / 2\n"
    assert.isTrue(isSourceless(formula))
    assert.isFalse(isSourceless(`/** Half. Source: Euclid. */\n${formula}`))
    assert.isTrue(isSourceless("export const ttft: Metric = {\n  id: 1 }\n"))
    assert.isFalse(isSourceless("/*\n * Sources: the books.\n */\nexport const ttft: Metric = {\n  id: 1 }\n"))
    assert.isFalse(isSourceless("export const METRICS: ReadonlyArray<Metric> = [ttft]\n"))
  })
})

describe("the reference", () => {
  it("numbers names that differ in case alone, as pages do", () => {
    const names = ["Reason", "reason"].map((each) => name({ name: each }))
    const [page] = apiPages({ name: "@rigbook/core", names, tabled: [] })
    assert.include(page!.text, "[`Reason`](#reason), [`reason`](#reason-1)")
  })

  it("has a page for each room of a door, and what is at its top on the door's own", () => {
    const names = [name({}), name({ name: "Sample", file: "packages/core/src/record/Sample.ts" })]
    const pages = new Map(apiPages({ name: "@rigbook/core", names, tabled: [] }).map(({ path, text }) => [path, text]))
    assert.sameMembers([...pages.keys()], ["docs/api/core/README.md", "docs/api/core/record.md"])
    assert.include(pages.get("docs/api/core/README.md"), "### thing")
    assert.include(pages.get("docs/api/core/README.md"), "- [record](record.md): [`Sample`](record.md#sample)")
    assert.include(pages.get("docs/api/core/record.md"), "### Sample")
    const inDoor = name({ file: "packages/core/src/engine/process/Guard.ts" })
    assert.sameMembers(
      apiPages({ name: "@rigbook/core/engine", names: [inDoor], tabled: [] }).map(({ path }) => path),
      ["docs/api/core-engine/README.md", "docs/api/core-engine/process.md"],
    )
  })

  it("knows every command", async () => {
    const names = await commandNames()
    for (const known of ["run", "verify", "plugin new"]) assert.include(names, known)
  })

  it("writes between its marks only", () => {
    const page = "a\n<!-- begin x: written by `pnpm run docs` -->\nold\n<!-- end x -->\nb"
    assert.strictEqual(
      withPart(page, "x", "new"),
      "a\n<!-- begin x: written by `pnpm run docs` -->\n\nnew\n\n<!-- end x -->\nb",
    )
    assert.throws(() => withPart(page, "y", "new"), /no place for y/)
  })
})
