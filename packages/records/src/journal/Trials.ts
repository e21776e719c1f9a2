import { bounds, type CellSpec, isLoad, type Sample } from "@rigbook/core"
import type { Journal } from "./Journal.ts"

/**
 * Whether a measured trial counts. Under a load, requests may fail and be counted; only the end of the engine ends the
 * trial.
 */
export const isWhole = ({ phase, requests }: Sample, { scenario }: Pick<CellSpec, "scenario">): boolean =>
  phase === "measured" &&
  requests.every(({ failure = "engine", outcome }) => outcome === "ok" || (isLoad(scenario) && failure !== "engine"))

/** A trial in the wrong place of a journal. */
export interface MisplacedTrial {
  /** Which of the journal's samples, from 0; left out for the end. */
  readonly sample?: number
  readonly detail: string
}

/**
 * What is wrong with the trials of a journal: each measured one must exist once and in order, whatever opening it
 * belongs to; warm-ups count from 0 in each opening. A failed trial is repeated under its number when a run
 * is resumed. Pure.
 */
export const misplacedTrials = ({ failure, finishedAt, header, samples }: Journal): ReadonlyArray<MisplacedTrial> => {
  const { cell } = header
  const found: Array<MisplacedTrial> = []
  const warmups = new Map<number, number>()
  let measured = 0
  for (const [index, sample] of samples.entries()) {
    const isWarmup = sample.phase === "warmup"
    const due = isWarmup ? (warmups.get(sample.opening) ?? 0) : measured
    const next = isWarmup || isWhole(sample, cell) ? sample.trial + 1 : sample.trial
    const what = isWarmup ? `warm-up ${sample.trial} of opening ${sample.opening}` : `measured trial ${sample.trial}`
    if (sample.trial < due) found.push({ sample: index, detail: `${what} is a duplicate, or out of order` })
    if (sample.trial > due) found.push({ sample: index, detail: `${what} follows, expected ${due}` })
    if (isWarmup) warmups.set(sample.opening, Math.max(due, next))
    else measured = Math.max(due, next)
  }
  const { min } = bounds(cell.protocol.trials)
  if (finishedAt !== undefined && failure === undefined && measured < min)
    found.push({ detail: `it ends after ${measured} measured trials, ${min} were requested` })
  return found
}

/** The line, from 1, of one of a journal's samples, from 0; its last without one. */
export const lineOfSample = (journal: string, sample?: number): number => {
  const lines = journal.trimEnd().split("\n")
  const samples = lines.flatMap((text, at) => (text.startsWith('{"kind":"sample"') ? [at + 1] : []))
  return (sample === undefined ? undefined : samples[sample]) ?? lines.length
}
