import { quantile } from "@rigbook/records"
import type { Truth } from "../../../core/test/models/synthetic/SyntheticServer.ts"

/** What a client says of one request, in milliseconds. */
export type Reported = ReportOfChunks | ReportOfEnds

/** Of a client that keeps when each chunk came. */
export interface ReportOfChunks {
  readonly ttft: number
  readonly gaps: ReadonlyArray<number>
}

/** Of a client that keeps when the first and the last one came. */
export interface ReportOfEnds {
  readonly ttft: number
  readonly tpot: number
}

/** How far a client was from the truth: 99 of 100 absolute errors are at most so many milliseconds. */
export interface Accuracy {
  readonly ttft: number
  readonly tpot: number
  /** None of a client that keeps no gaps. */
  readonly gap: number | undefined
  /** Streams that were busy, of those there were, from the first request to the last one's start. */
  readonly rate: number
}

export const accuracyOf = (
  reported: ReadonlyMap<string, Reported>,
  truth: ReadonlyMap<string, Truth>,
  streams: number,
): Accuracy => {
  const errors = { ttft: [] as Array<number>, tpot: [] as Array<number>, gap: [] as Array<number> }
  for (const [id, said] of reported) {
    const real = truth.get(id)
    if (real === undefined) throw new Error(`the server's log has no request ${id}`)
    errors.ttft.push(Math.abs(said.ttft - (real.t_tok1 - real.t_req) / 1e6))
    errors.tpot.push(Math.abs(tpotOf(said, real.tokens) - (real.t_last - real.t_tok1) / 1e6 / (real.tokens - 1)))
    if ("gaps" in said) errors.gap.push(...gapErrors(id, said.gaps, real))
  }
  return {
    ttft: p99(errors.ttft),
    tpot: p99(errors.tpot),
    gap: errors.gap.length === 0 ? undefined : p99(errors.gap),
    rate: busyShare(
      [...reported.keys()].map((id) => truth.get(id)!),
      streams,
    ),
  }
}

const tpotOf = (said: Reported, tokens: number): number =>
  "tpot" in said ? said.tpot : said.gaps.reduce((sum, gap) => sum + gap, 0) / (tokens - 1)

const gapErrors = (id: string, gaps: ReadonlyArray<number>, { dt_us: real }: Truth): ReadonlyArray<number> => {
  if (real === undefined) throw new Error(`the server's log has no gaps of request ${id}`)
  if (real.length !== gaps.length)
    throw new Error(`request ${id} was reported in ${gaps.length + 1} chunks, written in ${real.length + 1}`)
  return gaps.map((gap, index) => Math.abs(gap - real[index]! / 1e3))
}

const p99 = (values: ReadonlyArray<number>): number => quantile(Float64Array.from(values).sort(), 0.99)

/** The ideal is 1: a client that sends the next request the moment that one ends. The tail, where no more is to send, is left out. */
const busyShare = (requests: ReadonlyArray<Truth>, streams: number): number => {
  const starts = requests.map(({ t_req: at }) => at).toSorted((a, b) => a - b)
  const [first, last] = [starts[0]!, starts.at(-1)!]
  const busy = requests.reduce(
    (sum, { t_last: end, t_req: start }) => sum + Math.max(0, Math.min(end, last) - start),
    0,
  )
  return busy / streams / (last - first)
}
