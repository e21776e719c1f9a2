import { readFileSync, writeFileSync } from "node:fs"

/*
 * Makes a dataset of word pairs that people scored by how alike the two are: WordSim-353, as PyPI's gensim carries it.
 *   pip download --no-deps gensim && unzip gensim-*.whl
 *   node tools/word-pairs-dataset.ts gensim/test/test_data/wordsim353.tsv wordsim353.jsonl
 */
const [file, target] = process.argv.slice(2)
if (file === undefined || target === undefined) throw new Error("usage: node tools/word-pairs-dataset.ts <tsv> <file>")

const header = { license: "CC-BY-4.0", language: "en", description: "WordSim-353 (Finkelstein et al., 2002)" }
const pairs = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => !line.startsWith("#") && line.includes("\t"))
  .map((line) => line.trim().split("\t"))
  .map(([sentence1, sentence2, score]) => ({ sentence1, sentence2, score: Number(score) }))
writeFileSync(target, [header, ...pairs].map((line) => `${JSON.stringify(line)}\n`).join(""))
process.stdout.write(`${target}: ${pairs.length} pairs\n`)
