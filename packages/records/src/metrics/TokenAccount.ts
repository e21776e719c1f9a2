import type { RequestSample } from "@rigbook/core"
import { median } from "../statistics/Quantile.ts"

/** What a request's tokens come to: asked for, counted by the engine, and carried by chunks. */
export interface TokenAccount {
  readonly asked?: number
  /** Left out where the engine did not tell. */
  readonly counted?: number
  /** As the engine told them of each chunk, else one a chunk. */
  readonly carried: number
  /** Whether the engine told them of each chunk. */
  readonly told: boolean
  readonly chunks: number
  /** Tokens that came at once with the first: its chunk's, and those of chunks right behind it. */
  readonly first: number
  /** Tokens between the first arrival and the last chunk; left out where the account does not support a number. */
  readonly after?: number
  /** Tokens that the engine counts beyond those that chunks carried, or fewer; 0 where it does not tell. */
  readonly missing: number
}

/** Share by which a figure may be wrong for tokens whose chunk is not known. */
export const ACCOUNT_TOLERANCE = 0.02

/** Chunks nearer to each other than this, or than this share of the mean time of a token, were sent together. */
const TOGETHER_MS = 0.1
const TOGETHER = 0.1

/** Beyond this share of tokens without a chunk of their own, gaps can't say where they were. */
const FEW = 0.1

const accounts = new WeakMap<RequestSample, TokenAccount>()

/** The account of one request, kept for as long as its sample is. Pure. */
export const accountOf = (request: RequestSample): TokenAccount => {
  const kept = accounts.get(request)
  if (kept !== undefined) return kept
  const account = made(request)
  accounts.set(request, account)
  return account
}

const made = ({ chunkMs, chunkTokens, outputTokens, requestedTokens }: RequestSample): TokenAccount => {
  const chunks = chunkMs.length
  const told = chunkTokens !== undefined
  const carried = chunkTokens?.reduce((sum, tokens) => sum + tokens, 0) ?? chunks
  const counted = outputTokens === 0 && chunks > 0 ? undefined : outputTokens
  const arrived = firstArrival(chunkMs)
  const first = chunkTokens?.slice(0, arrived).reduce((sum, tokens) => sum + tokens, 0) ?? arrived
  const missing = counted === undefined ? 0 : counted - carried
  const after = counted === undefined ? undefined : between({ chunkMs, told, carried, counted, first, arrived })
  return {
    ...(requestedTokens === undefined ? {} : { asked: requestedTokens }),
    ...(counted === undefined ? {} : { counted }),
    carried,
    told,
    chunks,
    first,
    ...(after === undefined ? {} : { after }),
    missing,
  }
}

/** How many chunks came together with the first one: what held them back, held back the tokens before them. */
const firstArrival = (chunkMs: ReadonlyArray<number>): number => {
  if (chunkMs.length < 2) return chunkMs.length
  const mean = (chunkMs.at(-1)! - chunkMs[0]!) / (chunkMs.length - 1)
  const together = Math.max(TOGETHER_MS, TOGETHER * mean)
  const next = chunkMs.findIndex((at, index) => index > 0 && at - chunkMs[index - 1]! >= together)
  return next === -1 ? chunkMs.length : next
}

interface Counted {
  readonly chunkMs: ReadonlyArray<number>
  readonly told: boolean
  readonly carried: number
  readonly counted: number
  readonly first: number
  readonly arrived: number
}

const between = ({ arrived, carried, chunkMs, counted, first, told }: Counted): number | undefined => {
  const missing = counted - carried
  // What the engine told chunk by chunk holds, however many it counts after the last.
  if (told) return missing < -ACCOUNT_TOLERANCE * carried ? undefined : carried - first
  const after = counted - first
  if (Math.abs(missing) <= ACCOUNT_TOLERANCE * Math.min(after, after - missing)) return after
  return Math.abs(missing) <= FEW * counted && slotsOf(chunkMs.slice(arrived - 1)) === after ? after : undefined
}

/** For how many tokens there was time, one a usual gap: a token without a chunk of its own leaves a gap of two. */
const slotsOf = (arrivals: ReadonlyArray<number>): number => {
  const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
  const usual = median(gaps)
  return usual < TOGETHER_MS ? 0 : gaps.reduce((sum, gap) => sum + Math.round(gap / usual), 0)
}

/** Whether the engine's count can be true beside what chunks carried and what was asked for. */
export const countHolds = ({ asked, carried, counted, told }: TokenAccount): boolean =>
  counted === undefined ||
  (counted <= Math.max(carried, asked ?? Infinity) * (1 + ACCOUNT_TOLERANCE) &&
    carried <= counted * (told ? 1 + ACCOUNT_TOLERANCE : 1 + FEW) + 1)

/** Whether more tokens than a figure bears were counted without a chunk that carried them, or carried and not counted. */
export const isUnaccounted = (account: TokenAccount): boolean =>
  account.counted !== undefined &&
  Math.abs(account.missing) > ACCOUNT_TOLERANCE * account.counted &&
  (account.told || account.after === undefined)

/** Output tokens by the engine's count, where that can be true. */
export const countedTokens = (request: RequestSample): number | undefined => {
  const account = accountOf(request)
  return countHolds(account) ? account.counted : undefined
}
