import { RECORD_FILE, recordText, workspaceAt } from "@rigbook/records"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { manyRecords } from "./records.ts"

/** Writes the records of so many models to a workspace, as runs leave them. */
export const writeWorkspace = (root: string, models: number): void => {
  const workspace = workspaceAt(root, { rigbook: 1 })
  mkdirSync(workspace.models, { recursive: true })
  writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\n")
  for (const record of manyRecords(models)) {
    const folder = join(workspace.raw, record.id)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, RECORD_FILE), Effect.runSync(recordText(record)))
  }
}
