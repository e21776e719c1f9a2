import {
  type CellSpec,
  type Effective,
  isQuality,
  reason,
  type Requested,
  type Sample,
  type VerdictReason,
} from "@rigbook/core"
import { truncationOf } from "./Truncation.ts"

interface TextEvidence {
  readonly cell: Pick<CellSpec, "scenario">
  readonly requested: Pick<Requested, "settings">
  readonly effective: Pick<Effective, "settings"> | undefined
  readonly samples: ReadonlyArray<Sample>
}

/** Share of unknown tokens from which a run is suspect: a rare symbol may be unknown to any tokenizer. */
const MAX_UNKNOWN = 0.1

/** What was cut off the model's documents, or was unknown to its tokenizer. Pure. */
export const judgeTexts = (evidence: TextEvidence): ReadonlyArray<VerdictReason> => [
  ...cut(evidence),
  ...unread(evidence.samples),
]

const cut = ({ cell, effective, requested, samples }: TextEvidence): ReadonlyArray<VerdictReason> => {
  const truncation = truncationOf(samples, effective)
  if (truncation === undefined) return []
  if ("unknown" in truncation) return [reason("truncation-unknown", truncation.unknown)]
  const { atLeast, documents, maxLength, of, ofTokens, tokens } = truncation
  if (tokens === 0) return []
  const which = documents === undefined ? "documents were truncated" : `${documents} of ${of} documents were truncated`
  const to = maxLength === undefined ? "" : ` to ${maxLength} tokens`
  const least = atLeast === true ? "at least " : ""
  const lost = ofTokens === undefined ? `${tokens} tokens` : `${percent(tokens / ofTokens)} of their tokens`
  return [
    reason(
      isQuality(cell.scenario)
        ? "quality-of-cut-texts"
        : requested.settings["maxLength"] === undefined
          ? "truncated"
          : "truncated-as-set",
      `${which}${to}: ${least}${lost} were dropped`,
    ),
  ]
}

const unread = (samples: ReadonlyArray<Sample>): ReadonlyArray<VerdictReason> => {
  const reported = samples.flatMap(({ phase, requests }) =>
    phase === "measured"
      ? requests.flatMap(({ inputTokens, unknownTokens }) =>
          inputTokens === undefined || unknownTokens === undefined ? [] : [{ inputTokens, unknownTokens }],
        )
      : [],
  )
  const sum = (of: (one: (typeof reported)[number]) => number) => reported.reduce((total, one) => total + of(one), 0)
  const share = sum(({ unknownTokens }) => unknownTokens) / sum(({ inputTokens }) => inputTokens)
  return share > MAX_UNKNOWN
    ? [
        reason(
          "unknown-tokens",
          `${percent(share)} of the tokens are unknown to the tokenizer (bound ${percent(MAX_UNKNOWN)})`,
        ),
      ]
    : []
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
