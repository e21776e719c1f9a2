import { type LoadedDataset, type Measure, PluginError, FILE_LIMITS, readText } from "@rigbook/core"
import { readPrompts, writeAtomically, type Workspace } from "@rigbook/records"
import { loadDatasetLoader, type Part, partsOf } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join, relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedParts, known } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook dataset` was called with. */
export interface DatasetInput {
  readonly loader: string | undefined
  readonly part: string | undefined
  readonly json: boolean
}

/** Writes a dataset that a plugin brings into the workspace; lists the loaders where none is named. */
export const dataset = Effect.fn("Dataset.dataset")(function* ({ json, loader, part }: DatasetInput) {
  const workspace = yield* openWorkspace
  const loaders = partsOf(yield* installedParts, "datasets")
  if (loader === undefined) {
    const rows = loaders.map(({ about: { description, id }, plugin }) => ({ id, description, plugin: plugin.name }))
    yield* json ? printJson(rows) : print(list(rows))
    return EXIT.done
  }
  const found = loaders.find(({ about }) => about.id === loader)
  if (found === undefined)
    return yield* usageFailure(
      `No plugin brings datasets named "${loader}"; ${known(loaders.map(({ about }) => about.id))}`,
    )
  const { license, lines, path, status } = yield* written(workspace, found, part)
  const shown = relative(process.cwd(), path)
  yield* json
    ? printJson({ file: shown, lines, license, status })
    : print(`${shown}: ${status}, ${count(lines, "line")}, licence ${license}`)
  return EXIT.done
})

const list = (rows: ReadonlyArray<{ readonly id: string; readonly description: string; readonly plugin: string }>) =>
  rows.length === 0
    ? "No plugin brings datasets. Lines of your own in benchmarks/configs/datasets are one: see docs/quality.md"
    : table(
        ["loader", "what it makes", "plugin"],
        rows.map(({ description, id, plugin }) => [id, description, plugin]),
      )

/** Records say by their hash which text they were measured with: a file that is there is never replaced by another text. */
const written = Effect.fnUntraced(function* (workspace: Workspace, from: Part<"datasets">, part: string | undefined) {
  const fs = yield* FileSystem.FileSystem
  const { load } = yield* loadDatasetLoader(from)
  const fail = (detail: string) =>
    new PluginError({ plugin: from.plugin.name, detail, fix: "Name another part, or tell the plugin's author." })
  const loaded = yield* Effect.mapError(load(part), ({ message }) => fail(message))
  const name = [from.about.id, ...(part === undefined ? [] : [part.replace(/[^A-Za-z0-9._-]+/g, "-")])].join("-")
  const path = join(workspace.datasets, `${name}.jsonl`)
  const text = textOf(loaded)
  const about = { path, lines: loaded.lines.length, license: loaded.license }
  if (yield* fs.exists(path)) {
    if ((yield* readText(path, FILE_LIMITS.prompts)) === text) return { ...about, status: "kept" }
    return yield* usageFailure(
      `${relative(process.cwd(), path)} is there with other text, and records may have been measured with it: move it away first.`,
    )
  }
  yield* fs.makeDirectory(workspace.datasets, { recursive: true })
  yield* writeAtomically(path, text)
  const read = yield* Effect.result(readPrompts({ dataset: name, measure: measureOf(loaded) }, workspace))
  if (read._tag === "Success") return { ...about, status: "written" }
  yield* fs.remove(path)
  return yield* fail(`what it makes is no dataset: ${read.failure.detail}.`)
})

const measureOf = ({ lines: [first] }: LoadedDataset): Measure => {
  if (first === undefined || "sentence1" in first) return "sts"
  return "query" in first ? "retrieval" : "tasks"
}

const textOf = ({ lines, ...header }: LoadedDataset): string =>
  [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("")
