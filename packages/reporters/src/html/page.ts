import { createHash } from "node:crypto"
import { scriptJson } from "./inert.ts"
import { Markup, markup } from "./markup.ts"
import type { PageAssets } from "./PageAssets.ts"
import type { PageData } from "./PageData.ts"
import { SHAPE } from "./shapes.ts"

export interface Page {
  readonly title: string
  /** What the page is and when it was made, below its title. */
  readonly about: string
  readonly data: PageData
  /** Sections that stand without the script: before and after what the script shows. */
  readonly before: ReadonlyArray<Markup>
  readonly after: ReadonlyArray<Markup>
}

/** A whole document, which asks the network for nothing. The same page gives the same bytes. */
export const pageDocument = ({ about, after, before, data, title }: Page, { script, style }: PageAssets): string => {
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    markup("title", {}, title).html,
    `<style>${style}</style>`,
  ]
  const body = [
    markup("header", {}, markup("h1", {}, title), markup("p", {}, about), counts(data)).html,
    markup("main", {}, NOSCRIPT, ...before, markup("div", { id: "app" }), ...after).html,
    `<script type="application/json" id="data">${dataJson(data)}</script>`,
    `<script>${script}</script>`,
  ]
  return `${["<!doctype html>", GENERATED, '<html lang="en">', "<head>", ...head, "</head>", "<body>", ...body, "</body>", "</html>"].join("\n")}\n`
}

const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

/** How much there is, and how far it can be trusted. */
const counts = ({ models, runs }: PageData): Markup => {
  const of = (status: string) => runs.filter(({ verdict }) => verdict === status).length
  return markup(
    "p",
    { class: "counts" },
    `${models.length} ${models.length === 1 ? "model" : "models"}, ${runs.length} ${runs.length === 1 ? "run" : "runs"}: `,
    ...(["valid", "suspect", "invalid"] as const).flatMap((status) => [
      markup("span", { class: `verdict ${status}` }, `${SHAPE[status]} ${of(status)} ${status}`),
      " ",
    ]),
  )
}

const NOSCRIPT = markup(
  "noscript",
  {},
  markup("p", {}, "Tables and plots need scripts. Without them, read REGISTRY.md beside this file."),
)

/** Nothing but this script and this style runs, nothing is loaded or sent, and no text can become markup. */
const policy = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ")

const digest = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`

/** One run and one model a line, so that a new one changes one line of the file. */
const dataJson = ({ ladders, metrics, models, reasons, runs }: PageData): string => {
  const lines = (items: ReadonlyArray<unknown>): string => `[\n${items.map(scriptJson).join(",\n")}\n]`
  return [
    `{"metrics":${scriptJson(metrics)}`,
    `"reasons":${scriptJson(reasons)}`,
    `"models":${lines(models)}`,
    `"ladders":${lines(ladders)}`,
    `"runs":${lines(runs)}}`,
  ].join(",\n")
}
