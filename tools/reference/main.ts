/** Writes the parts of the docs that the program knows itself; with `--check` fails where they are not what it says. */
import { format } from "oxfmt"
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { apiIndex, apiPages } from "./ApiPage.ts"
import { diagramPart, doorsPart, roomsPart } from "./ArchitecturePart.ts"
import { commandLinePage } from "./CommandLinePage.ts"
import { lacksOf, sourcelessOf } from "./DocRules.ts"
import { boundsPart, metricsPart, reasonsPart, statisticsPart } from "./MethodologyParts.ts"
import { type Page, withPart } from "./Page.ts"
import { type Entry, readPublicNames } from "./PublicNames.ts"
import { schemaFiles, schemaTable } from "./SchemaFiles.ts"

const ROOT = join(import.meta.dirname, "../..")
const isCheck = process.argv.includes("--check")

const read = (path: string): string => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), "utf8") : "")

const pagesOf = async (entries: ReadonlyArray<Entry>): Promise<ReadonlyArray<Page>> => {
  const parts: ReadonlyArray<readonly [path: string, name: string, part: string]> = [
    ["docs/architecture.md", "diagram", diagramPart(ROOT)],
    ["docs/architecture.md", "doors", doorsPart(ROOT)],
    ["docs/architecture.md", "rooms", roomsPart(ROOT)],
    ["docs/methodology.md", "metrics", metricsPart()],
    ["docs/methodology.md", "statistics", statisticsPart(entries)],
    ["docs/methodology.md", "reasons", reasonsPart()],
    ["docs/methodology.md", "bounds", boundsPart()],
    ["docs/file-formats.md", "files", schemaTable()],
  ]
  return [
    apiIndex(entries),
    ...entries.flatMap(apiPages),
    await commandLinePage(),
    ...(await schemaFiles()),
    ...[...Map.groupBy(parts, ([path]) => path)].map(([path, of]) => ({
      path,
      text: of.reduce((text, [, name, part]) => withPart(text, name, part), read(path)),
    })),
  ]
}

const formatted = async ({ path, text }: Page): Promise<Page> => {
  const { $schema: _, ignorePatterns: __, ...options } = JSON.parse(read(".oxfmtrc.json")) as Record<string, unknown>
  const { code, errors } = await format(path, text, options)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)
  // Some code is broken into lines otherwise once it has been: what is written has to stay as it is.
  return code === text ? { path, text } : formatted({ path, text: code })
}

/** The first line in which a file is not what it should be. */
const difference = ({ path, text }: Page): string | undefined => {
  const [found, expected] = [read(path), text]
  if (found === expected) return undefined
  const lines = found.split("\n")
  const at = expected.split("\n").findIndex((line, index) => line !== lines[index])
  return `${path}:${Math.max(at, 0) + 1} is not what the sources say: run \`pnpm run docs\`.`
}

const entries = await readPublicNames()
const pages = await Promise.all((await pagesOf(entries)).map(formatted))
const stale = globSync(["docs/api/**/*.md", "docs/schemas/*"], { cwd: ROOT }).filter(
  (path) => !pages.some((page) => page.path === path),
)

if (!isCheck) {
  for (const path of stale) rmSync(join(ROOT, path))
  for (const { path, text } of pages) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
  }
}
const wrong = [
  ...[...lacksOf(entries), ...sourcelessOf(ROOT)].map(({ file, line, sentence }) => `${file}:${line} ${sentence}`),
  ...(isCheck ? pages.flatMap((page) => difference(page) ?? []) : []),
  ...(isCheck ? stale.map((path) => `${path} belongs to nothing that is still here: run \`pnpm run docs\`.`) : []),
]
for (const sentence of wrong) console.error(sentence)
const names = entries.reduce((sum, { names: of }) => sum + of.length, 0)
if (wrong.length === 0)
  console.log(`${names} public names are documented, ${pages.length} pages are ${isCheck ? "current" : "written"}.`)
else process.exitCode = 1
