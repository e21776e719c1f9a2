import { VERSION } from "@rigbook/core"
import { cacheFolder } from "@rigbook/core/engine"
import { randomUUID } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What a failure says that nothing in Rigbook expects: its first line, and how it came about. */
export interface Defect {
  readonly message: string
  readonly details: string
}

/** A thrown value, whatever it is. Pure. */
export const defectOf = (cause: unknown): Defect => {
  if (cause instanceof Error) return { message: cause.message, details: cause.stack ?? cause.message }
  return { message: String(cause), details: String(cause) }
}

/** One line for people about a defect, whose details are written to a file: a stack trace helps only those who fix it. */
export const reportDefect = ({ details, message }: Defect, command: string): string => {
  const first = message.split("\n")[0]!.slice(0, 300)
  const file = written(
    [
      `rigbook ${VERSION} ${command}`,
      `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      "",
      details,
      "",
    ].join("\n"),
  )
  const where =
    file === undefined ? "Its details could not be written." : `Its details are in ${file}: report it with them.`
  return `Rigbook failed for a reason that it does not know, which is a mistake in it: ${first}. ${where}`
}

/** The file, in the cache, else where temporary files are; `undefined` if neither can be written. */
const written = (text: string): string | undefined => {
  for (const folder of [join(cacheFolder(), "defects"), tmpdir()])
    try {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `rigbook-defect-${randomUUID().slice(0, 8)}.txt`)
      writeFileSync(file, text, { flag: "wx", mode: 0o600 })
      return file
    } catch {
      continue // a full disk, or a folder of somebody else: the next, or only the line
    }
  return undefined
}
