import { type CellSpec, type Effective, isBatch, reason, type Sample, type VerdictReason } from "@rigbook/core"

interface VectorEvidence {
  readonly cell: CellSpec
  readonly effective: Effective | undefined
  readonly samples: ReadonlyArray<Sample>
}

/** What is wrong with vectors: their number, their width, and whether their texts may have been cached. Pure. */
export const judgeVectors = ({ cell, effective, samples }: VectorEvidence): ReadonlyArray<VerdictReason> => {
  const calls = samples
    .filter(({ phase }) => phase === "measured")
    .flatMap(({ requests }) => requests.filter(({ outcome }) => outcome === "ok"))
  const reported = calls.flatMap(({ documents, vectors }) => (vectors === undefined ? [] : [{ ...vectors, documents }]))
  const fewer = reported.find(({ count, documents }) => documents !== undefined && count !== documents)
  const widths = [...new Set(reported.map(({ dimensions }) => dimensions))]
  // What an engine reads back from the model that it holds is more reliable.
  const read = effective?.settings["dimensions"]
  const { dimensions = cell.model.hiddenSize, shortenedTo } = cell.model
  // A server may or may not shorten vectors as the model's files say.
  const expected = (read === undefined ? [dimensions, shortenedTo] : [read]).filter((width) => width !== undefined)
  const wrong = widths.length > 1 || (expected.length > 0 && widths.some((width) => !expected.includes(width)))
  return [
    ...(fewer === undefined
      ? []
      : [reason("vector-mismatch", `${fewer.count} vectors for ${fewer.documents} documents`)]),
    ...(wrong
      ? [
          reason(
            "vector-mismatch",
            `vectors have ${widths.join(" and ")} dimensions${expected.length === 0 ? "" : `, the model's have ${expected.join(" or ")}`}`,
          ),
        ]
      : []),
    ...(repeatsTexts(cell) && cell.placement.strategy === "attached" && calls.length > 0
      ? [reason("texts-repeated", "every trial sent the same texts to a server that was already running")]
      : []),
  ]
}

const repeatsTexts = ({ scenario }: CellSpec): boolean => isBatch(scenario) && scenario.cache !== "fresh"
