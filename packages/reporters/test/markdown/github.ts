import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import { marked, type Tokens } from "marked"

const { resolve } = createRequire(import.meta.url)
const css = readFileSync(resolve("github-markdown-css/github-markdown.css"), "utf8")
/** A reader's machine has signs such as ● and ★ in some font; a bare Chromium has none. */
const symbols = `data:font/woff2;base64,${readFileSync(
  resolve("@fontsource/noto-sans-symbols-2/files/noto-sans-symbols-2-symbols-400-normal.woff2"),
).toString("base64")}`

/** What GitHub makes of a heading for links to it. */
const slug = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, "")
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replaceAll(/\s/g, "-")

const renderer = new marked.Renderer()
renderer.heading = function ({ depth, tokens }: Tokens.Heading): string {
  const content = this.parser.parseInline(tokens)
  return `<h${depth} id="${slug(content)}">${content}</h${depth}>\n`
}
/**
 * A page of markdown in the folder of `path` as GitHub shows a file: its style sheet, the width of its column and its margins,
 * light or dark as the browser asks. No network is needed.
 */
export const asOnGitHub = (markdown: string, path: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${slug(path)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="${pathToFileURL(path).href}">
<style>${css}
@font-face { font-family: Symbols; src: url(${symbols}); unicode-range: U+2190-2BFF }
.markdown-body { font-family: Symbols, "Open Sans", sans-serif }
body { margin: 0; background: #fff }
@media (prefers-color-scheme: dark) { body { background: #0d1117 } }
.markdown-body { box-sizing: border-box; max-width: 1012px; margin: 0 auto; padding: 32px }
@media (max-width: 767px) { .markdown-body { padding: 16px } }
</style></head>
<body><article class="markdown-body">${marked.parse(markdown, { async: false, gfm: true, renderer })}</article></body></html>`
