import { assert, describe, it } from "@effect/vitest"
import {
  BackendError,
  Crashed,
  Host,
  ModelFacts,
  type PlannedModel,
  reason,
  type Registry,
  Runtime,
  verdictOf,
  visible,
} from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { parse } from "csv-parse/sync"
import { lexer, type Token } from "marked"
import { csv, json, markdown } from "../src/index.ts"
import { embeddingRun, failedRun, languageRun } from "./fixtures.ts"
import { allPages } from "./pages.ts"

/** Where no stranger says anything. */
const BENIGN = "words"

const STRANGERS: Readonly<Record<string, string>> = {
  html: "</td></script><img src=x onerror=alert(1)><!-- <script>",
  formula: '=HYPERLINK("http://example.org","x")',
  command: "-cmd|' /C calc'!A0",
  "a path with newlines": "a\n| b |\r\n\n# c\n- d\u2028e",
  "right-to-left marks": "right\u202Eleft\u2066\u200Fmarks",
  markdown: "**b** _i_ `c` [l](http://example.org) ![i](x) ~~s~~ > q | t | \\ $m$ https://example.org www.example.org",
  fences: "````\n~~~\n-->",
}

/** A registry in which a stranger has named all that can be named. */
const registryOf = (said: string): Registry => {
  const base = languageRun()
  const named = {
    config: { id: "named", name: said, path: `models/configs/${said}.yaml` },
    backend: said,
    license: said,
    source: { path: said },
    prompts: { ...base.cell.prompts, name: said, license: said },
    model: new ModelFacts(
      Object.assign({}, base.cell.model, { architecture: said, quantization: said, bitsPerWeight: 5 }),
    ),
    runtime: new Runtime(
      Object.assign({}, base.cell.runtime, { program: said, version: said, libraries: { [said]: said } }),
    ),
    host: new Host(Object.assign({}, base.cell.host, { os: said, kernel: said, fingerprint: said })),
  } as const
  const planned: PlannedModel = {
    status: "planned",
    id: "planned",
    name: said,
    path: `models/configs/${said}.yaml`,
    task: "generate",
    license: said,
    priority: "high",
    use: said,
    strategy: said,
    host: said,
    estimates: { absent: said },
  }
  return makeRegistry(
    [
      languageRun({
        cell: named,
        requested: { devices: [], settings: { [said]: said } },
        observed: {
          peakRssBytes: { absent: said },
          placement: { state: "partial", evidence: [{ from: said, agrees: true, detail: said }] },
        },
        verdict: verdictOf([reason("noisy", said)]),
      }),
      failedRun({
        failure: new BackendError({ backend: said, reason: new Crashed({ detail: said, fix: said }), logTail: [said] }),
      }),
      embeddingRun(),
    ],
    [
      {
        model: "named",
        path: `models/notes/${said}.md`,
        date: said,
        author: said,
        text: "A note.",
        claims: [{ metric: said, value: 1, tolerance: 10, scenario: said }],
      },
    ],
    {
      configs: [
        {
          id: "named",
          name: said,
          family: said,
          path: "models/configs/named.yaml",
          task: "generate",
          source: { path: said },
          planned: { priority: "high", use: said },
        },
        { id: "planned", name: said, path: "p.yaml", task: "generate", source: { path: said } },
      ],
      planned: [planned],
    },
  )
}

/** What a page is made of, without what is written in it. */
const shapeOf = (tokens: ReadonlyArray<Token>): ReadonlyArray<unknown> =>
  tokens
    // The text of a list's item has tokens of its own.
    .flatMap((token) => (token.type === "text" && "tokens" in token ? (token.tokens ?? []) : [token]))
    .filter(({ type }) => !["text", "escape", "space"].includes(type))
    .map((token) => {
      const rows: ReadonlyArray<ReadonlyArray<{ readonly tokens: ReadonlyArray<Token> }>> =
        token.type === "table" ? [token["header"], ...token["rows"]] : []
      return [
        token.type,
        "depth" in token ? token.depth : null,
        token.type === "html" ? token.raw : null,
        shapeOf("tokens" in token ? (token.tokens ?? []) : []),
        "items" in token ? shapeOf(token["items"] as ReadonlyArray<Token>) : [],
        rows.map((row) => row.map((cell) => shapeOf(cell.tokens))),
      ]
    })

const lineShapes = (text: string): ReadonlyArray<string> => shapeOf(lexer(text)).map((part) => JSON.stringify(part))

/** Of each page, in an order that names have no part in; names of pages and of places on them are made of letters alone. */
const pageShapes = (registry: Registry) =>
  allPages(registry)
    .replaceAll(/<a id="[a-z0-9_-]+">/g, "<a>")
    .split(/^<!-- [a-z0-9._-]+\.md -->$/m)
    .map(lineShapes)
    .toSorted((a, b) => (a.join() < b.join() ? -1 : 1))

describe.each(Object.entries(STRANGERS))(
  "what a stranger calls things (%s) changes nothing but the text shown",
  (_, said) => {
    const [plain, hostile] = [registryOf(BENIGN), registryOf(said)]

    it("in the markdown registry", () => {
      assert.deepStrictEqual(pageShapes(hostile), pageShapes(plain))
      assert.notMatch(allPages(hostile), /[\u200f\u202e\u2066]/)
    })

    it("in a markdown report", () => {
      const of = ({ entries }: Registry) => markdown.report(entries.flatMap(({ records }) => records))
      assert.deepStrictEqual(lineShapes(of(hostile)), lineShapes(of(plain)))
    })

    it("in JSON", () => {
      const [ours, theirs] = [plain, hostile].map((registry) => JSON.parse(json.registry(registry)) as unknown)
      assert.deepStrictEqual(theirs, renamed(ours, said))
    })

    it("in CSV, where no cell is a formula", () => {
      const [ours, theirs] = [plain, hostile].map((registry) => rowsOf(csv.registry(registry)))
      assert.strictEqual(theirs!.length, ours!.length)
      for (const [at, row] of theirs!.entries())
        for (const [column, cell] of row.entries()) {
          const expected = visible(ours![at]![column]!.replaceAll(BENIGN, () => said))
          assert.include([expected, `'${expected}`], cell)
          if (Number.isNaN(Number(cell))) assert.notMatch(cell, /^[=+\-@\t\r]/)
        }
    })
  },
)

const rowsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> => parse(text, { relaxColumnCount: false })

/** The same document with other words in all of its texts. */
const renamed = (value: unknown, said: string): unknown => {
  if (typeof value === "string") return value.replaceAll(BENIGN, () => said)
  if (Array.isArray(value)) return value.map((one) => renamed(one, said))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.replaceAll(BENIGN, () => said), renamed(one, said)]),
  )
}

describe("a note of two mebibytes", () => {
  const text = `</script><b onclick=alert(1)>&amp;\n`.repeat(2 ** 16)
  const registry = makeRegistry([languageRun()], [{ model: "tiny-llama", path: "models/notes/tiny-llama.md", text }])

  it("is kept word for word, and is no HTML", () => {
    assert.isAtLeast(text.length, 2 * 2 ** 20)
    assert.strictEqual((JSON.parse(json.registry(registry)) as Notes).entries[0]!.notes[0]!.text, text)
    const page = allPages(registry)
    assert.isAtLeast(page.length, text.length)
    assert.notMatch(page, /<(?:\/?script|b )/)
  })

  it("changes nothing of what stands around it", () => {
    const [short] = [
      makeRegistry([languageRun()], [{ model: "tiny-llama", path: "models/notes/tiny-llama.md", text: "short" }]),
    ]
    const around = (page: string): string => page.replaceAll(/^>.*\n/gm, "")
    assert.strictEqual(around(allPages(registry)), around(allPages(short!)))
    assert.strictEqual(csv.registry(registry), csv.registry(short!))
  })
})

interface Notes {
  readonly entries: ReadonlyArray<{ readonly notes: ReadonlyArray<{ readonly text: string }> }>
}
