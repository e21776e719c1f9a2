import { posix } from "node:path"
import type { RunRecord } from "@rigbook/core"
import { originOfHost } from "@rigbook/records"

/** The folder of REGISTRY.md, relative to the workspace's root. */
export const REGISTRY_FOLDER = "models"

/** The folder of reports, relative to the workspace's root. */
export const REPORT_FOLDER = "benchmarks/results/reports"

/** The path of a record, relative to the workspace's root. */
export const recordPath = ({ cell, id }: Pick<RunRecord, "id" | "cell">): string => {
  const origin = originOfHost(cell.host)
  const root = origin === undefined ? "" : `benchmarks/results/pulled/${origin}/`
  return `${root}benchmarks/results/raw/${id}/record.json`
}

/** The path of a record's own report, relative to the workspace's root. */
export const reportPath = ({ id }: Pick<RunRecord, "id">): string => `${REPORT_FOLDER}/${id}.md`

/** The path of an import, relative to the workspace's root. */
export const importPath = (id: string): string => `benchmarks/results/imported/${id}/import.json`

/** The path from a folder to a file; both are relative to the workspace's root. */
export const relativePath = (folder: string, file: string): string =>
  // Rooted, because a relative path would be resolved against the process's own folder.
  posix.relative(posix.join("/", folder), posix.join("/", file))
