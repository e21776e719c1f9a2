import { quantile } from "../../src/statistics/Summary.ts"
import type { Truth } from "../../test/synthetic/SyntheticServer.ts"

/** What a client says of one request, in milliseconds. */
export interface Told {
  readonly ttft: number
  readonly gaps: ReadonlyArray<number>
}

/** How far a client was from the truth: 99 of 100 absolute errors are at most so many milliseconds. */
export interface Accuracy {
  readonly ttft: number
  readonly tpot: number
  readonly gap: number
  /** Streams that were busy, of those there were, from the first request to the last one's start. */
  readonly rate: number
}

export const accuracyOf = (
  told: ReadonlyMap<string, Told>,
  truth: ReadonlyMap<string, Truth>,
  streams: number,
): Accuracy => {
  const errors = { ttft: [] as Array<number>, tpot: [] as Array<number>, gap: [] as Array<number> }
  for (const [id, { gaps, ttft }] of told) {
    const real = truth.get(id)
    if (real?.dt_us === undefined) throw new Error(`the server's log has no gaps of request ${id}`)
    if (real.dt_us.length !== gaps.length)
      throw new Error(`request ${id} was told in ${gaps.length + 1} chunks, written in ${real.dt_us.length + 1}`)
    errors.ttft.push(Math.abs(ttft - (real.t_tok1 - real.t_req) / 1e6))
    const tpot = gaps.reduce((sum, gap) => sum + gap, 0) / (real.tokens - 1)
    errors.tpot.push(Math.abs(tpot - (real.t_last - real.t_tok1) / 1e6 / (real.tokens - 1)))
    for (const [index, gap] of gaps.entries()) errors.gap.push(Math.abs(gap - real.dt_us[index]! / 1e3))
  }
  return {
    ttft: p99(errors.ttft),
    tpot: p99(errors.tpot),
    gap: p99(errors.gap),
    rate: busyShare(
      [...told.keys()].map((id) => truth.get(id)!),
      streams,
    ),
  }
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
