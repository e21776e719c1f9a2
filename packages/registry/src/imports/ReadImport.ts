import type { ImportedFile, ImportedResult, Importer } from "@rigbook/core"
import { Result } from "effect"
import { aiPerf } from "./AiPerf.ts"
import { documentsOf } from "./Documents.ts"
import { guideLlm } from "./GuideLlm.ts"
import { llamaBench } from "./LlamaBench.ts"
import { lmEval } from "./LmEval.ts"
import { mteb } from "./Mteb.ts"
import { resembles } from "./Refusal.ts"
import { sglangBench } from "./SglangBench.ts"
import { vllmBench } from "./VllmBench.ts"

/** The tools whose files can be imported. */
export const IMPORTERS: ReadonlyArray<Importer> = [llamaBench, vllmBench, sglangBench, guideLlm, aiPerf, lmEval, mteb]

/** Detects which tool's file a text is, and reads it; else the reason why it can't be imported. Pure. */
export const readImport = (text: string): Result.Result<ImportedFile, string> => {
  if (/^"?build_commit"?,/.test(text))
    return Result.fail("it looks like llama-bench's CSV, without samples: use -o json")
  const parsed = documentsOf(text)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const [first, ...rest] = parsed.success
  const importer = first && IMPORTERS.find(({ owns }) => owns(first))
  if (first === undefined || importer === undefined) {
    const known = `it is not a result file of ${IMPORTERS.map(({ tool }) => tool).join(", ")}`
    const like = resembles(first)
    return Result.fail(like === undefined ? known : `${known}; it looks like ${like}`)
  }
  const other = rest.findIndex((document) => !importer.owns(document))
  if (other !== -1) return Result.fail(`its document ${other + 2} is not from ${importer.tool}, unlike the first`)
  const read = importer.read([first, ...rest])
  if (Result.isFailure(read)) return Result.fail(`it looks like a file of ${importer.tool}, but ${read.failure}`)
  const { results } = read.success
  if (results.every(({ figures, leftOut }) => figures.length + leftOut.length === 0))
    return Result.fail(`it looks like a file of ${importer.tool}, but it has none of the figures`)
  const [one, ...others] = numbered(results)
  return Result.succeed({ ...read.success, results: [one!, ...others] })
}

/** Runs with equal settings differ only in their position: it is added so that no two figures have the same name. */
const numbered = (results: ReadonlyArray<ImportedResult>): ReadonlyArray<ImportedResult> =>
  results.map((result, at) => {
    const alike = results.flatMap(({ model, workload }, place) =>
      model === result.model && workload === result.workload ? [place] : [],
    )
    return alike.length === 1
      ? result
      : { ...result, workload: `${result.workload}, run ${alike.indexOf(at) + 1} of ${alike.length}` }
  })
