import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/*
 * Makes a dataset of Debian's package descriptions in one language: what a package is, in a line, is to find what it does,
 * in a paragraph. 200 packages, at most one of a family of names. Debian's own repository brings the texts:
 *   apt-get update -o Acquire::Languages=es -o Dir::State::Lists=$PWD/lists
 *   node tools/ddtp-dataset.ts lists es ddtp-es.jsonl
 */
const [folder, language, target] = process.argv.slice(2)
if (folder === undefined || language === undefined || target === undefined)
  throw new Error("usage: node tools/ddtp-dataset.ts <apt's lists> <language> <file>")

const QUERIES = 200
/** Packages whose descriptions are those of another one. */
const PARTS = /-dev$|-dbg$|-doc$|-l10n|-perl$|^lib/

// Updates and security have some packages each; the release has all of them.
const [text] = globSync(join(folder, `*main_i18n_Translation-${language}`))
  .map((file) => readFileSync(file, "utf8"))
  .toSorted((a, b) => b.length - a.length)
if (text === undefined) throw new Error(`${folder} has no Translation-${language}: apt-get update fetches it`)

const entries = text
  .split("\n\n")
  .flatMap((entry) => {
    const name = /^Package: (.*)$/m.exec(entry)?.[1]
    const [, query = "", body = ""] =
      new RegExp(`^Description-${language}: (.*)\\n((?: .*\\n?)*)`, "m").exec(entry) ?? []
    const lines = body.split("\n").map((line) => line.trim())
    const document = lines.filter((line) => line !== "" && line !== ".").join(" ")
    const isUsable = name !== undefined && !PARTS.test(name) && query.length > 15 && document.length > 150
    return isUsable ? [{ name, query: query.trim(), document }] : []
  })
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))

const distinct = new Map(entries.map((entry) => [entry.name.split(/[-0-9]/)[0]!, entry]))
const usable = [...new Map([...distinct.values()].map((entry) => [entry.query.toLowerCase(), entry])).values()]
// From all of the alphabet.
const picked = usable.filter(
  (_, at) => Math.floor((at * QUERIES) / usable.length) !== Math.floor(((at - 1) * QUERIES) / usable.length),
)
const header = { license: "of each package", language, description: "Debian's package descriptions: short to long" }
const lines = [header, ...picked.map(({ document, query }) => ({ query, document }))]
writeFileSync(target, lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
process.stdout.write(`${target}: ${picked.length} packages of ${usable.length}\n`)
