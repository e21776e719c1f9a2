import { existsSync, readFileSync } from "node:fs"

interface Line {
  readonly kind: string
  readonly sample?: {
    readonly phase: string
    readonly trial: number
    readonly requests: ReadonlyArray<{ readonly outcome: string }>
  }
}

/** The whole lines of a journal, which may end in a part of one. */
export const wholeLines = (text: string): ReadonlyArray<string> =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)

/** What a journal lost of the lines that it had; `undefined` if nothing. */
export const lostLines = (before: string, path: string): string | undefined => {
  const had = wholeLines(before)
  if (had.length === 0) return undefined
  if (!existsSync(path)) return `${path} is gone, with ${had.length} lines`
  const has = wholeLines(readFileSync(path, "utf8"))
  const at = had.findIndex((line, index) => has[index] !== line)
  return at < 0 ? undefined : `line ${at + 1} of ${had.length} is another: ${has[at]?.slice(0, 100) ?? "none"}`
}

/** Whether a run that resumes this journal ends as failed or invalid: that the engine ended is part of what was measured. */
export const keepsFailure = (text: string): boolean =>
  wholeLines(text)
    .map((line) => JSON.parse(line) as Line)
    .some(
      ({ kind, sample }) =>
        kind === "failed" || (sample?.phase === "measured" && sample.requests.some(({ outcome }) => outcome !== "ok")),
    )

/** Numbers of the measured trials, in the order of the journal. */
export const trialsIn = (text: string): ReadonlyArray<number> =>
  wholeLines(text)
    .map((line) => JSON.parse(line) as Line)
    .flatMap(({ kind, sample }) => (kind === "sample" && sample?.phase === "measured" ? [sample.trial] : []))
