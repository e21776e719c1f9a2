import type { Entry } from "@rigbook/core"
import { createHash } from "node:crypto"
import { whole } from "../parts.ts"
import { type Markup, markup } from "../markup/markup.ts"
import { pageData } from "./data/pageSource.ts"
import type { PageAssets } from "./PageAssets.ts"
import type { PageData, PageSource } from "./PageData.ts"
import { rigLines } from "./rigs.ts"
import { scriptJson } from "./scriptJson.ts"

/** What a page shows. */
export interface Page {
  readonly title: string
  /** What the page is, below its title; absent where the rigs say it. */
  readonly about?: string
  readonly entries: ReadonlyArray<Entry>
  readonly data: PageSource
  /** Sections that work without the script: before and after what the script shows. */
  readonly before: ReadonlyArray<Markup>
  readonly after: ReadonlyArray<Markup>
}

/** The same as data, for a page that is live: what works without the script is an element by its id. */
export interface PageState {
  readonly data: PageData
  readonly parts: Readonly<Record<"about" | "before" | "after", Markup>>
}

export const pageState = (page: Page): PageState => ({ data: pageData(page.data), parts: partsOf(page) })

const partsOf = ({ about, after, before, entries, title }: Page): PageState["parts"] => ({
  about: markup(
    "div",
    { id: "about" },
    markup("h1", {}, title),
    ...(about === undefined ? [] : [markup("p", {}, about)]),
    ...rigLines(entries.flatMap(({ records }) => records)),
  ),
  before: markup("div", { id: "before" }, ...before),
  after: markup("div", { id: "after" }, ...after),
})

/** A complete document in parts, which makes no network request. The same page gives the same bytes. */
export const pageDocument = (page: Page, assets: PageAssets): Iterable<string> => documentOf(page, assets, false)

/** A document that asks its server for what is newer than `version`. */
export const liveDocument = (page: Page, assets: PageAssets, version: string): string =>
  whole(documentOf(page, assets, version))

function* documentOf(page: Page, { script, style }: PageAssets, live: string | false): Generator<string> {
  const parts = partsOf(page)
  yield [
    "<!doctype html>",
    GENERATED,
    live === false ? '<html lang="en">' : `<html lang="en" data-live="${live}">`,
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy(script, style, live !== false)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    markup("title", {}, page.title).html,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    markup("header", {}, parts.about).html,
    markup("main", {}, NOSCRIPT, parts.before, markup("div", { id: "app" }), parts.after).html,
    '<script type="application/json" id="data">',
  ].join("\n")
  yield* dataJson(page.data)
  yield ["</script>", `<script>${script}</script>`, "</body>", "</html>\n"].join("\n")
}

const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

const NOSCRIPT = markup(
  "noscript",
  {},
  markup("p", {}, "Tables and plots need JavaScript. Without it, read REGISTRY.md beside this file."),
)

/** Nothing but this script and this style runs, nothing is loaded or sent, and no text can become markup. */
const policy = (script: string, style: string, live: boolean): string =>
  [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    ...(live ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ")

const digest = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`

/** One run or model per line, so that a new one changes one line of the file. */
function* dataJson({ comparisons, ladders, models, runs, traces, ...tables }: PageSource): Generator<string> {
  yield `{${Object.entries(tables)
    .map(([name, table]) => `"${name}":${scriptJson(table)}`)
    .join(",\n")}`
  for (const [name, items] of Object.entries({ models, comparisons, ladders, traces, runs })) {
    yield `,\n"${name}":[\n`
    let parted = ""
    for (const item of items) {
      yield `${parted}${scriptJson(item)}`
      parted = ",\n"
    }
    yield "\n]"
  }
  yield "}"
}
