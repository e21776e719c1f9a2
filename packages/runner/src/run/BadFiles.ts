import { BackendError, BadFiles, type UnreadableFile } from "@rigbook/core"
import type { BadJournal, BadTelemetry } from "@rigbook/records"
import type { PlatformError } from "effect"
import { relative } from "node:path"

/** Why a cell failed whose files can't be read or written. */
export const badFiles = (
  backend: string,
  root: string,
  folder: string | undefined,
  error: BadJournal | BadTelemetry | UnreadableFile | PlatformError.PlatformError,
): BackendError => {
  const what =
    error._tag === "PlatformError"
      ? error.message
      : `${relative(root, error.path)}${"line" in error ? `:${error.line}:` : ""} ${error.detail}`
  return new BackendError({
    backend,
    reason: new BadFiles(
      folder === undefined
        ? {
            detail: `The cell's files can't be read or written: ${what}.`,
            fix: "Check the disk and the permissions of this folder.",
          }
        : {
            detail: `The interrupted run can't be resumed: ${what}.`,
            fix: `Move ${relative(root, folder)} away, or measure again with --fresh.`,
          },
    ),
    logTail: [],
  })
}
