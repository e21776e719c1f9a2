import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { SCHEMA_NAMES } from "../../packages/cli/src/Choices.ts"
import { documentOf, FILES } from "../../packages/cli/src/handlers/Schema.ts"
import type { Page } from "./Page.ts"

/** The JSON Schema of every file of a workspace: what `rigbook schema` prints. */
export const schemaFiles = (): Promise<ReadonlyArray<Page>> =>
  Effect.runPromise(
    Effect.forEach(SCHEMA_NAMES, (name) =>
      Effect.map(documentOf(name), (schema) => ({ path: pathOf(name), text: JSON.stringify(schema, null, 2) })),
    ).pipe(Effect.provide(NodeServices.layer)),
  )

const pathOf = (name: string): string => `docs/schemas/${name}.json`

/** A table of the files, for the page that describes them. */
export const schemaTable = (): string =>
  [
    "| file | schema |",
    "| :-- | :-- |",
    ...SCHEMA_NAMES.map((name) => `| \`${FILES[name]}\` | [${name}](schemas/${name}.json) |`),
  ].join("\n")
