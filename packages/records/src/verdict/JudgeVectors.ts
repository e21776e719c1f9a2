import { type CellSpec, type Effective, isBatch, reason, type Sample, type VerdictReason } from "@rigbook/core"

interface VectorEvidence {
  readonly cell: CellSpec
  readonly effective: Effective | undefined
  readonly samples: ReadonlyArray<Sample>
}

/** What speaks against vectors: how many, how wide, and whether their texts could be known before. Pure. */
export const judgeVectors = ({ cell, effective, samples }: VectorEvidence): ReadonlyArray<VerdictReason> => {
  const calls = samples
    .filter(({ phase }) => phase === "measured")
    .flatMap(({ requests }) => requests.filter(({ outcome }) => outcome === "ok"))
  const told = calls.flatMap(({ documents, vectors }) => (vectors === undefined ? [] : [{ ...vectors, documents }]))
  const fewer = told.find(({ count, documents }) => documents !== undefined && count !== documents)
  const widths = [...new Set(told.map(({ dimensions }) => dimensions))]
  // What an engine reads back of a model that it holds itself is nearer to the truth.
  const read = effective?.settings["dimensions"]
  const { dimensions = cell.model.hiddenSize, shortenedTo } = cell.model
  // Whether a server shortens vectors as the model's files ask is its own affair.
  const expected = (read === undefined ? [dimensions, shortenedTo] : [read]).filter((width) => width !== undefined)
  const wrong = widths.length > 1 || (expected.length > 0 && widths.some((width) => !expected.includes(width)))
  return [
    ...(fewer === undefined
      ? []
      : [reason("vector-mismatch", `${fewer.count} vectors came for ${fewer.documents} documents`)]),
    ...(wrong
      ? [
          reason(
            "vector-mismatch",
            `vectors have ${widths.join(" and ")} dimensions${expected.length === 0 ? "" : `, the model's have ${expected.join(" or ")}`}`,
          ),
        ]
      : []),
    ...(repeatsTexts(cell) && cell.placement.strategy === "attached" && calls.length > 0
      ? [reason("texts-repeated", "every trial sent the same texts to a server that was running before")]
      : []),
  ]
}

const repeatsTexts = ({ scenario }: CellSpec): boolean => isBatch(scenario) && scenario.cache !== "fresh"
