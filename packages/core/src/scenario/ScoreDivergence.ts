import { Struct } from "effect"
import type { Completion } from "./Request.ts"
import type { Scored } from "./Scored.ts"

/** The results of all chunks, in order; `undefined` if one is missing. Pure. */
export const scoreDivergence = (completions: ReadonlyArray<Completion | undefined>): Scored | undefined => {
  const found = completions.flatMap((completion) => completion?.divergence ?? [])
  if (found.length === 0 || found.length < completions.length) return undefined
  const nullTest = found.find((chunk) => chunk.nullTest !== undefined)?.nullTest
  return {
    measure: "kld",
    chunks: found.map((chunk) => Struct.omit(chunk, ["nullTest"])),
    ...(nullTest === undefined ? {} : { nullTest }),
  }
}
