import type { RequestSample } from "@rigbook/core"
import { median } from "../statistics/Quantile.ts"

/** The token counts of a request: requested, counted by the engine, and carried by chunks. */
export interface TokenAccount {
  /** Or, for a natural length, the most that were allowed. */
  readonly requested?: number
  /** Left out if the engine did not report it. */
  readonly counted?: number
  /** As the engine reported them for each chunk, else one per chunk. */
  readonly carried: number
  /** Whether the engine reported them for each chunk. */
  readonly reported: boolean
  readonly chunks: number
  /** Tokens that arrived together with the first: those of its chunk, and of chunks directly after it. */
  readonly first: number
  /** Tokens between the first arrival and the last chunk; left out if the counts don't support a number. */
  readonly after?: number
  /** Tokens that the engine counts beyond those that chunks carried, or fewer; 0 if it does not report them. */
  readonly missing: number
}

/** Share by which a figure may be wrong because of tokens whose chunk is unknown. */
export const ACCOUNT_TOLERANCE = 0.02

/** Chunks nearer to each other than this, or than this share of the mean time of a token, were sent together. */
const TOGETHER_MS = 0.1
const TOGETHER = 0.1

/** Beyond this share of tokens without their own chunk, gaps don't show where they were. */
const FEW = 0.1

const accounts = new WeakMap<RequestSample, TokenAccount>()

/** The token counts of one request, cached for as long as its sample exists. Pure. */
export const accountOf = (request: RequestSample): TokenAccount => {
  const kept = accounts.get(request)
  if (kept !== undefined) return kept
  const account = made(request)
  accounts.set(request, account)
  return account
}

const made = ({
  atMostTokens,
  chunkMs,
  chunkTokens,
  outputTokens,
  requestedTokens = atMostTokens,
}: RequestSample): TokenAccount => {
  const chunks = chunkMs.length
  const reported = chunkTokens !== undefined
  const carried = chunkTokens?.reduce((sum, tokens) => sum + tokens, 0) ?? chunks
  const counted = outputTokens === 0 && chunks > 0 ? undefined : outputTokens
  const arrived = firstArrival(chunkMs)
  const first = chunkTokens?.slice(0, arrived).reduce((sum, tokens) => sum + tokens, 0) ?? arrived
  const missing = counted === undefined ? 0 : counted - carried
  const after = counted === undefined ? undefined : between({ chunkMs, reported, carried, counted, first, arrived })
  return {
    ...(requestedTokens === undefined ? {} : { requested: requestedTokens }),
    ...(counted === undefined ? {} : { counted }),
    carried,
    reported,
    chunks,
    first,
    ...(after === undefined ? {} : { after }),
    missing,
  }
}

/** How many chunks arrived together with the first one: what delayed them also delayed the tokens before them. */
const firstArrival = (chunkMs: ReadonlyArray<number>): number => {
  if (chunkMs.length < 2) return chunkMs.length
  const mean = (chunkMs.at(-1)! - chunkMs[0]!) / (chunkMs.length - 1)
  const together = Math.max(TOGETHER_MS, TOGETHER * mean)
  const next = chunkMs.findIndex((at, index) => index > 0 && at - chunkMs[index - 1]! >= together)
  return next === -1 ? chunkMs.length : next
}

interface Counted {
  readonly chunkMs: ReadonlyArray<number>
  readonly reported: boolean
  readonly carried: number
  readonly counted: number
  readonly first: number
  readonly arrived: number
}

const between = ({ arrived, carried, chunkMs, counted, first, reported }: Counted): number | undefined => {
  const missing = counted - carried
  // Counts reported chunk by chunk are valid, however many tokens it counts after the last.
  if (reported) return missing < -ACCOUNT_TOLERANCE * carried ? undefined : carried - first
  const after = counted - first
  if (Math.abs(missing) <= ACCOUNT_TOLERANCE * Math.min(after, after - missing)) return after
  return Math.abs(missing) <= FEW * counted && slotsOf(chunkMs.slice(arrived - 1)) === after ? after : undefined
}

/** How many tokens the time allows, one per usual gap: a token without its own chunk leaves a double gap. */
const slotsOf = (arrivals: ReadonlyArray<number>): number => {
  const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
  const usual = median(gaps)
  return usual < TOGETHER_MS ? 0 : gaps.reduce((sum, gap) => sum + Math.round(gap / usual), 0)
}

/** Whether the engine's count is plausible given what chunks carried and what was requested. */
export const countHolds = ({ requested, carried, counted, reported }: TokenAccount): boolean =>
  counted === undefined ||
  (counted <= Math.max(carried, requested ?? Infinity) * (1 + ACCOUNT_TOLERANCE) &&
    carried <= counted * (reported ? 1 + ACCOUNT_TOLERANCE : 1 + FEW) + 1)

/** Whether more tokens than a figure tolerates were counted but not in a chunk, or in a chunk but not counted. */
export const isUnaccounted = (account: TokenAccount): boolean =>
  account.counted !== undefined &&
  Math.abs(account.missing) > ACCOUNT_TOLERANCE * account.counted &&
  (account.reported || account.after === undefined)

/** Output tokens by the engine's count, if that is plausible. */
export const countedTokens = (request: RequestSample): number | undefined => {
  const account = accountOf(request)
  return countHolds(account) ? account.counted : undefined
}

/**
 * Whether an answer ended before the requested number of tokens: by the engine's count, and where there is none, by
 * its word that the model ended it.
 */
export const isShort = (request: RequestSample): boolean => {
  const { finish, outcome, requestedTokens = 0 } = request
  if (outcome !== "ok") return false
  const { carried, counted } = accountOf(request)
  const tokens = countedTokens(request) ?? (counted === undefined && finish === "stop" ? carried : Infinity)
  return tokens < requestedTokens
}
