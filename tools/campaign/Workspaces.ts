import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { cacheFolder } from "@rigbook/core/engine"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { SECRETS, TOKEN_VARIABLE } from "./Secrets.ts"
import { wholeLines } from "./Journal.ts"

const ENGINE = join(import.meta.dirname, "engine")

/** Deadlines of a server that lies: every wait of a fault is one of the campaign. */
export const HURRIED = { openTimeoutMs: 4000, stallTimeoutMs: 1000, requestTimeoutMs: 3000 }
/**
 * Those of what is well: it may take long on a busy machine. They end before a command has to: an engine that is stopped is
 * waited for while it opens, or when texts are sent whose answers are kept and in the first trial.
 */
const PATIENT = { openTimeoutMs: 90_000, stallTimeoutMs: 40_000, requestTimeoutMs: 40_000 }

const protocol = (trials: number, deadlines = PATIENT): string =>
  `protocol: ${JSON.stringify({ warmup: 0, trials, ...deadlines })}`

/** A cell that a server measures which runs already, at this address. */
export const servedConfig = (url: string, task: "generate" | "embed" = "generate", deadlines = PATIENT): string =>
  `name: A
task: ${task}
backends: { openai: { url: ${JSON.stringify(url)}, tokenEnv: ${TOKEN_VARIABLE} } }
scenarios: [${
    task === "embed"
      ? "{ kind: batch, prompts: brief, documents: 2, batchSize: 2 }"
      : "{ kind: latency, prompts: brief, requests: 1, outputTokens: 4 }"
  }]
${protocol(3, deadlines)}
`

/** A cell whose engine is a process that the run starts. */
export const engineConfig = (trials = 3, tokens = 4, pace = 1): string =>
  generatingConfig("{ format: gguf, quantization: F16", `campaign-engine: { pace: ${pace} }`, trials, tokens)

const generatingConfig = (format: string, backend: string, trials: number, tokens: number): string =>
  `name: B
task: generate
source:
  synthetic:
    ${format}, architecture: llama, layers: 1, hiddenSize: 64, feedForward: 128, heads: 2,
      vocabulary: 512, contextLength: 2048 }
backends: { ${backend} }
scenarios: [{ kind: latency, prompts: brief, requests: 1, outputTokens: ${tokens} }]
${protocol(trials)}
`

/** Cells of engines that `rigbook setup` installs. */
export const llamacppConfig = generatingConfig(
  "{ format: gguf, quantization: F16",
  "llamacpp: { context: 1024, threads: 1 }",
  6,
  64,
)
export const vllmConfig = generatingConfig(
  "{ format: safetensors, quantization: BF16, kvHeads: 2",
  "vllm: { dtype: float32, enforceEager: true, kvCacheBytes: 67108864, maxSequences: 8, maxModelLen: 512 }",
  6,
  64,
)
export const sentenceTransformersConfig = `name: B
task: embed
source:
  synthetic:
    { format: safetensors, architecture: bert, layers: 2, hiddenSize: 256, feedForward: 1024, heads: 4, vocabulary: 2000,
      contextLength: 128, quantization: F32 }
backends: { sentence-transformers: { threads: 1 } }
scenarios: [{ kind: batch, prompts: brief, documents: 2, batchSize: 1 }]
${protocol(60)}
`

const NOTE =
  "---\ndate: 2026-11-23\nauthor: A. Person\nclaims:\n  - metric: decode\n    value: 100\n---\n\nA note on the model.\n"

const HOST = `name: Small
cpu: { model: AMD Ryzen 9 5950X, logicalCores: 32 }
memory: { totalMiB: 16384, freeMiB: 12000, bandwidthGBs: 51.2 }
`

/** Folders of the campaign: its own cache, a file outside of every workspace, and a workspace for each fault. */
export const makeFolders = () => {
  const home = mkdtempSync(join(tmpdir(), "rigbook-campaign-"))
  const base = join(home, "base")
  const cache = join(home, "cache")
  linkEngines(cache)
  const outside = join(home, "outside.txt")
  writeFileSync(outside, `${SECRETS.outside}\n`)
  let made = 0
  return {
    base,
    cache,
    /** The workspace that all faults are given a copy of; it has yet to be measured. */
    writeBase: (url: string): void => {
      const files = {
        "rigbook.yaml": `rigbook: 1\nplugins: [${JSON.stringify(ENGINE)}]\n`,
        "models/configs/a.yaml": servedConfig(url),
        "models/configs/b.yaml": engineConfig(),
        "models/notes/a.md": NOTE,
        "benchmarks/configs/hosts/small.yaml": HOST,
        "benchmarks/configs/prompts/brief.jsonl":
          '{"id":"a","text":"The harbour was quiet"}\n{"id":"b","text":"The town slept"}\n',
      }
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(base, path)), { recursive: true })
        writeFileSync(join(base, path), text)
      }
    },
    copy: (): string => {
      const root = join(home, `w${made++}`)
      cpSync(base, root, { recursive: true, preserveTimestamps: true })
      return root
    },
    remove: (): void => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The campaign's cache is its own, with the user's engines. */
const linkEngines = (cache: string): void => {
  mkdirSync(cache)
  for (const name of ["runtimes", "tools"])
    if (existsSync(join(cacheFolder(), name))) symlinkSync(join(cacheFolder(), name), join(cache, name))
}

const RAW = "benchmarks/results/raw"

/** The folder of the last record of a config, or of what was begun since and has lines; from the workspace's root. */
export const recordOf = (root: string, config: string): string => {
  const name = readdirSync(join(root, RAW))
    .toSorted()
    .filter((folder) => folder.includes(`-${config}-`))
    // What ended before its first whole line was kept has lost nothing: the record before it stands.
    .findLast((folder) => wholeLines(journalOf(join(root, RAW, folder))).length > 0)
  if (name === undefined) throw new Error(`There is no record of ${config} in ${root}.`)
  return join(RAW, name)
}

const journalOf = (folder: string): string => {
  const path = join(folder, "samples.ndjson")
  return existsSync(path) ? readFileSync(path, "utf8") : ""
}

/** Removes the reports of a record. */
export const removeReports = (root: string, record: string): void => {
  const reports = join(root, "benchmarks/results/reports")
  for (const name of readdirSync(reports).filter((file) => file.startsWith(record))) rmSync(join(reports, name))
}
