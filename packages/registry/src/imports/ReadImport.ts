import type { ImportedFile, Importer } from "@rigbook/core"
import { Result } from "effect"
import { aiPerf } from "./AiPerf.ts"
import { guideLlm } from "./GuideLlm.ts"
import { llamaBench } from "./LlamaBench.ts"
import { lmEval } from "./LmEval.ts"
import { mteb } from "./Mteb.ts"
import { vllmBench } from "./VllmBench.ts"

/** The tools whose files can be imported. */
export const IMPORTERS: ReadonlyArray<Importer> = [llamaBench, vllmBench, guideLlm, aiPerf, lmEval, mteb]

/** Finds out whose file a text is, and what it says; else the reason why it can't be imported. Pure. */
export const readImport = (text: string): Result.Result<ImportedFile, string> => {
  const json = parse(text)
  if (json === undefined) return Result.fail("it is neither JSON nor JSON lines")
  for (const { read } of IMPORTERS) {
    const file = read(json) ?? read([json]) // one line alone is a document
    if (file !== undefined) return Result.succeed(file)
  }
  return Result.fail(`it is not a result file of ${IMPORTERS.map(({ tool }) => tool).join(", ")}`)
}

/** A document, or an array of the lines' documents. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as unknown)
    } catch {
      return undefined
    }
  }
}
