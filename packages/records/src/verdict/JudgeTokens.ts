import { type CellSpec, reason, type RequestSample, type VerdictReason } from "@rigbook/core"
import { accountOf, isUnaccounted, type TokenAccount } from "../metrics/TokenAccount.ts"
import { median } from "../statistics/Quantile.ts"

/** Mean tokens per chunk from which chunks count as holding several. */
const SEVERAL = 1.2

/** A server may extend a context beyond the model's trained one (YaRN: fourfold), but not by more than this. */
const STRETCHED = 8

/** Compares the tokens in chunks with those requested and those that the engine counts. Pure. */
export const judgeTokens = (
  { model }: Pick<CellSpec, "model">,
  requests: ReadonlyArray<RequestSample>,
): ReadonlyArray<VerdictReason> => {
  const all = requests
    .filter(({ outcome }) => outcome === "ok")
    .map((request) => ({ ...accountOf(request), request }))
    .filter(({ requested }) => requested !== undefined)
  const reported = (
    code: Parameters<typeof reason>[0],
    found: typeof all,
    say: (worst: (typeof all)[number]) => string,
    weight: (one: (typeof all)[number]) => number,
  ): ReadonlyArray<VerdictReason> => {
    const [worst] = found.toSorted((a, b) => weight(b) - weight(a))
    return worst === undefined ? [] : [reason(code, `${found.length} of ${requests.length} requests: ${say(worst)}`)]
  }
  const { contextLength = Infinity } = model
  return [
    ...reported(
      "long-output",
      all.filter(isLong),
      ({ requested, carried, counted = carried }) => `${counted} tokens, ${requested} were requested`,
      ({ carried, counted = carried }) => counted,
    ),
    ...reported(
      "tokens-unaccounted",
      all.filter(isUnaccounted),
      ({ carried, chunks, counted }) => `the engine counts ${counted} tokens, ${chunks} chunks carried ${carried}`,
      ({ missing }) => Math.abs(missing),
    ),
    ...reported(
      "usage-contradicts",
      all.filter(({ request: { cachedTokens = 0, inputTokens = Infinity } }) => cachedTokens > inputTokens),
      ({ request: { cachedTokens, inputTokens } }) =>
        `${cachedTokens} tokens of the prompt came from a cache, but it has ${inputTokens}`,
      ({ request: { cachedTokens = 0 } }) => cachedTokens,
    ),
    ...reported(
      "usage-contradicts",
      all.filter(({ request: { inputTokens = 0 } }) => inputTokens > STRETCHED * contextLength),
      ({ request: { inputTokens } }) =>
        `a prompt of ${inputTokens} tokens, but the model's context has ${contextLength}`,
      ({ request: { inputTokens = 0 } }) => inputTokens,
    ),
    ...several(all),
  ]
}

/** If the engine does not report it, a chunk has at least about one token: a token may be split in two. */
const isLong = ({ requested = Infinity, carried, counted, reported }: TokenAccount): boolean =>
  (counted ?? 0) > requested || carried > requested * (reported ? 1 : 1.1) + 1

/** Over the requests for which it is known. */
const several = (all: ReadonlyArray<TokenAccount>): ReadonlyArray<VerdictReason> => {
  const known = all.filter((one) => one.chunks > 0 && (one.reported || one.after !== undefined))
  if (known.length === 0) return []
  const perChunk = median(known.map(({ carried, chunks }) => carried / chunks))
  const first = median(known.map((one) => one.first))
  return perChunk < SEVERAL && first <= 1
    ? []
    : [
        reason(
          "several-per-chunk",
          `chunks held ${perChunk.toFixed(1)} tokens at the median${first > 1 ? `, ${first} tokens arrived with the first` : ""}`,
        ),
      ]
}
