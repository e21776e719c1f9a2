import type { Imported } from "@rigbook/core"
import { importFile } from "@rigbook/registry"
import { Effect } from "effect"
import { relative, resolve } from "node:path"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { updateRegistry } from "./Registry.ts"

/** What `rigbook import` was called with. */
export interface ImportInput {
  readonly files: ReadonlyArray<string>
  readonly model: string | undefined
  readonly json: boolean
}

/** Imports other tools' files, and renders the registry with them. */
export const importFiles = Effect.fn("Import.importFiles")(function* ({ files, json, model: name }: ImportInput) {
  const workspace = yield* openWorkspace
  const imports = yield* Effect.forEach(files, (file) => importFile(workspace.imported, resolve(file), name))
  const { files: rendered } = yield* updateRegistry(workspace)
  if (json)
    yield* printJson(imports.map(({ imported, isNew }) => ({ ...imported, status: isNew ? "imported" : "kept" })))
  else
    yield* print(
      [
        ...imports.map(({ imported, isNew }) => page(imported, isNew)),
        `The registry: ${rendered.map(({ path }) => relative(process.cwd(), path)).join(", ")}`,
      ].join("\n\n"),
    )
  return EXIT.done
})

const page = ({ id, model: named, results, tool, version }: Imported, isNew: boolean): string =>
  [
    `${id}: ${tool}${version === undefined ? "" : ` ${version}`}${isNew ? "" : " (already imported)"}`,
    ...results.map(({ figures, leftOut, model, workload }) =>
      [
        `${named ?? model}, ${workload}`,
        table(
          ["", "value", "unit", "ours"],
          figures.map(({ difference = "", metric, name, unit, value }) => [
            name,
            asReported(value),
            unit,
            metric ?? `none: ${difference}`,
          ]),
        ),
        ...leftOut.map(({ name, reason }) => `left out: ${name}: ${reason}`),
      ].join("\n"),
    ),
  ].join("\n")

/** With one more digit than Rigbook's own figures: people compare these with what the tool printed. */
const asReported = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)))
