import { readFileSync } from "node:fs"

/** A log or an answer that a real vLLM gave; see `recorded/`. */
export const recorded = (name: string): string => readFileSync(new URL(`recorded/${name}`, import.meta.url), "utf8")

const LAST_LINE = /\nexit code (\d+).*\s*$/

/** A recorded failure: the log's lines and the exit code that the recording ends with. */
export const recordedFailure = (name: string): { readonly exitCode: number; readonly log: ReadonlyArray<string> } => {
  const text = recorded(name)
  const exitCode = Number(LAST_LINE.exec(text)?.[1])
  return { exitCode, log: text.replace(LAST_LINE, "").split("\n") }
}
