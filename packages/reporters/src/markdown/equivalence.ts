import { type Agreement, type Equivalence, remembered, type RunRecord, weightsName } from "@rigbook/core"
import { MIN_COSINE, MIN_PREFIX, worstBySetup } from "@rigbook/registry"
import { MISSING, percent, significant } from "../format.ts"
import { placementName, runtimeName } from "../names.ts"
import { blocks, text } from "./escape.ts"
import { recordLink } from "./figures.ts"
import { type Column, table } from "./table.ts"

const RULE = {
  generate:
    "Each engine answered the first prompts of the set, greedily and outside of all trials. The shared beginning of two " +
    "texts is counted in characters, as a share of the longer. Rounding makes greedy texts diverge sooner or later; engines " +
    `with the same weights **disagree** when the mean is below ${100 * MIN_PREFIX} %, or no prompt had the ` +
    "same number of tokens in both.",
  embed:
    "Each engine embedded the first documents of the set, outside of all trials. Engines with the same weights " +
    `**disagree** when two vectors of one document have a cosine below ${MIN_COSINE}.`,
}

/**
 * How alike the answers of each two setups are, one row a pair; in a line those that nothing can be said of. Nothing without a
 * pair.
 */
export const equivalenceSection = (equivalences: ReadonlyArray<Equivalence>, folder: string): string => {
  const tables = (["generate", "embed"] as const).map((task) => {
    const pairs = worstBySetup(equivalences.filter(({ records: [{ cell }] }) => cell.task === task))
    const compared = pairs.filter(({ agreement }) => !("absent" in agreement))
    return pairs.length === 0
      ? ""
      : blocks(
          compared.length === 0
            ? ""
            : `${RULE[task]} Weights of different files are shown side by side, but not judged. Of several prompt sets the one that agrees least is shown.`,
          table([ONE, OTHER, PROMPTS, ...COLUMNS[task], JUDGEMENT, recordsColumn(folder)], compared),
          silentText(pairs),
        )
  })
  return tables.every((shown) => shown === "") ? "" : blocks("### Same answers", ...tables)
}

/** Pairs of setups that can't be compared, by why. */
const silentText = (pairs: ReadonlyArray<Equivalence>): string => {
  const reasons = pairs.flatMap(({ agreement }) => ("absent" in agreement ? [agreement.absent] : []))
  const counted = [...Map.groupBy(reasons, (reason) => reason)].map(
    ([reason, { length }]) => `${length} ${length === 1 ? "pair" : "pairs"} (${text(reason)})`,
  )
  return counted.length === 0 ? "" : `Not compared: ${counted.join("; ")}.`
}

/** `46 % of the text shared: agree`, in a cell. */
export const agreementText = (equivalence: Equivalence): string => {
  const { agreement } = equivalence
  if ("absent" in agreement) return JUDGEMENT.cell(equivalence)
  const shared =
    agreement.kind === "text"
      ? `${percent(agreement.meanPrefix)} % of the text shared`
      : `least cosine ${significant(agreement.minCosine, 5)}`
  return `${shared}: ${JUDGEMENT.cell(equivalence)}`
}

type PairColumn = Column<Equivalence>

/** Such as `llamacpp (llama-server b6940) on cpu: gguf Q4_1`. */
const runName = remembered((record: RunRecord): string => {
  const { backend, model } = record.cell
  return text(`${backend} (${runtimeName(record)}) on ${placementName(record)}: ${model.format} ${weightsName(model)}`)
})

const ONE: PairColumn = { header: "engine", cell: ({ records: [one] }) => runName(one) }
const OTHER: PairColumn = { header: "other engine", cell: ({ records: [, other] }) => runName(other) }
const PROMPTS: PairColumn = { header: "prompts", cell: ({ records: [{ cell }] }) => text(cell.prompts.name) }

type Kind = Exclude<Agreement, { readonly absent: unknown }>["kind"]
type Of<K extends Kind> = Extract<Agreement, { readonly kind: K }>

const figure = <K extends Kind>(kind: K, header: string, show: (agreement: Of<K>) => string): PairColumn => ({
  header,
  align: "right",
  cell: ({ agreement }) => ("kind" in agreement && isOf(agreement, kind) ? show(agreement) : MISSING),
})

const isOf = <K extends Kind>(agreement: { readonly kind: Kind }, kind: K): agreement is Of<K> =>
  agreement.kind === kind

const COLUMNS: Readonly<Record<"generate" | "embed", ReadonlyArray<PairColumn>>> = {
  generate: [
    figure("text", "shared beginning, mean (%)", ({ meanPrefix }) => percent(meanPrefix)),
    figure("text", "identical", ({ identical, prompts }) => `${identical} of ${prompts}`),
    figure("text", "same prompt tokens", ({ prompts, sameInputTokens }) =>
      sameInputTokens === undefined ? MISSING : `${sameInputTokens} of ${prompts}`,
    ),
  ],
  embed: [
    figure("vectors", "cosine, least", ({ minCosine }) => significant(minCosine, 7)),
    figure("vectors", "mean", ({ meanCosine }) => significant(meanCosine, 7)),
    figure("vectors", "documents", ({ documents }) => String(documents)),
  ],
}

const JUDGEMENT: PairColumn = {
  header: "judgement",
  cell: ({ agreement, disagree, sameWeights }) => {
    if ("absent" in agreement) return `not compared: ${text(agreement.absent)}`
    if (!sameWeights) return "not judged: other weights"
    return disagree === true ? "**disagree**" : "agree"
  },
}

const recordsColumn = (folder: string): PairColumn => ({
  header: "records",
  cell: ({ records }) => records.map((record) => recordLink(record, folder)).join(" "),
})
