import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/*
 * Makes a dataset of pairs of news texts that people scored by how alike the two are: all pairs of 50, as PyPI's gensim
 * carries them.
 *   pip download --no-deps gensim && unzip gensim-*.whl
 *   node tools/document-pairs-dataset.ts gensim/test/test_data lee.jsonl
 */
const [folder, target] = process.argv.slice(2)
if (folder === undefined || target === undefined)
  throw new Error("usage: node tools/document-pairs-dataset.ts <gensim's test_data> <file>")

const linesOf = (name: string, encoding: BufferEncoding): ReadonlyArray<string> =>
  readFileSync(join(folder, name), encoding).trim().split("\n")
const texts = linesOf("lee.cor", "latin1").map((line) => line.trim())
const scores = linesOf("similarities0-1.txt", "utf8").map((line) => line.trim().split("\t").map(Number))
if (scores.length !== texts.length || scores.some(({ length }) => length !== texts.length))
  throw new Error(`${texts.length} texts need as many rows and columns of scores`)

const header = {
  license: "unknown",
  language: "en",
  description: "Pairs of 50 news texts (Lee, Pincombe and Welsh, 2005)",
}
// Scores are of the pair in either order: those above the diagonal are each once.
const pairs = texts.flatMap((sentence1, row) =>
  texts.slice(row + 1).map((sentence2, at) => ({ sentence1, sentence2, score: scores[row]![row + 1 + at]! })),
)
writeFileSync(target, [header, ...pairs].map((line) => `${JSON.stringify(line)}\n`).join(""))
process.stdout.write(`${target}: ${pairs.length} pairs\n`)
