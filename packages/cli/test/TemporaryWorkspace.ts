import { execa } from "execa"
import { configId, parseConfigFile, yamlText } from "@rigbook/records"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { variantsOf } from "../../records/src/workspace/Variants.ts"

/** The CLI as it is published: `pnpm test` builds it before the tests. */
export const CLI = join(import.meta.dirname, "../dist/bin.js")

/** Runs the built CLI to its end. */
export const rigbook = (cwd: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [CLI, ...args], { cwd, env: { NO_COLOR: "1", ...env }, reject: false })

const folders: Array<string> = []

/** Removes what the tests of a file have made: run after each by removeTemporaryFolders.ts. */
export const removeFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Makes an empty folder that is gone when the tests of the file are done. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-test-"))
  folders.push(folder)
  return folder
}

const ROOT = join(import.meta.dirname, "../../..")

/** A sample of `rigbook init`, or the config of this repository with this name, as YAML text that tests add to. */
export const sampleConfig = (name: string): string => {
  const sample = join(ROOT, `packages/cli/samples/${name}.yaml`)
  if (existsSync(sample)) return readFileSync(sample, "utf8")
  const folder = join(ROOT, "models/configs")
  const all = readdirSync(folder).flatMap((file) =>
    variantsOf(parseConfigFile(readFileSync(join(folder, file), "utf8"), file), configId(file)),
  )
  const found = all.find(({ id }) => id === name)
  if (found === undefined) throw new Error(`No config is called ${name}.`)
  const { backends, source, ...rest } = found.file.value as Readonly<Record<string, unknown>>
  const { placement, protocol, scenarios, ...about } = rest
  const parts = { ...about, source, backends, placement, scenarios, protocol }
  return yamlText(Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)))
}

/** The first lines of a sample config, up to its backends: name, task, licence and source. */
export const sampleModel = (name: string): string => sampleConfig(name).split(/^backends:$/m)[0]!

/** The text of a prompt set of this repository, cut to its first prompts where more would show nothing else. */
export const firstPrompts = (set: string, count: number): string =>
  readFileSync(join(ROOT, `benchmarks/configs/prompts/${set}.jsonl`), "utf8")
    .split("\n")
    .slice(0, 1 + count) // the first line is about the set
    .join("\n")

/** A prompt of a few tokens, where it does not matter what is asked: processors compute long ones for seconds. */
const BRIEF = { "benchmarks/configs/prompts/brief.jsonl": '{"id":"a","text":"The harbour was quiet"}\n' }

/** Writes a workspace's files, with the prompt sets of this repository and `brief`. Gives its root. */
export const writeWorkspace = (root: string, files: Readonly<Record<string, string>>): string => {
  const prompts = join(ROOT, "benchmarks/configs/prompts")
  const sets = Object.fromEntries(
    readdirSync(prompts)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => [`benchmarks/configs/prompts/${name}`, readFileSync(join(prompts, name), "utf8")]),
  )
  for (const [path, text] of Object.entries({ "rigbook.yaml": "rigbook: 1\n", ...sets, ...BRIEF, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** The folders of a workspace's records, oldest first. */
export const recordFolders = (root: string): ReadonlyArray<string> => {
  const raw = join(root, "benchmarks/results/raw")
  return readdirSync(raw)
    .toSorted()
    .map((name) => join(raw, name))
}

/** Lines of a record's journal, parsed. */
export const journalOf = (folder: string): ReadonlyArray<{ readonly kind: string; readonly sample?: JournalSample }> =>
  readFileSync(join(folder, "samples.ndjson"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { kind: string; sample?: JournalSample })

interface JournalSample {
  readonly phase: "warmup" | "measured"
  readonly opening: number
}

/** Waits until `condition` holds; fails after ten minutes. */
export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 600_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ten minutes for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
