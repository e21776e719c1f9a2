import {
  type Agreement,
  canonicalJson,
  type Equivalence,
  isQuality,
  placementName,
  reason,
  remembered,
  RunRecord,
  verdictOf,
} from "@rigbook/core"
import { originOfHost } from "@rigbook/records"
import { agreementOf } from "./Agreement.ts"
import { byModel, originOf } from "./SameModel.ts"

/**
 * Every pair of records that can be compared: of one model, task and prompt set, not invalid, and
 * different in more than the scenario, and from one origin: what others report makes no run of ours suspect. Those of quality keep no answers: `compare` compares them query by query.
 */
export const equivalencesOf = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Equivalence> =>
  byModel(
    inOrder(records.filter(({ cell, verdict }) => verdict.status !== "invalid" && !isQuality(cell.scenario))),
  ).flatMap((ofModel) =>
    [
      ...Map.groupBy(
        ofModel,
        ({ cell: { host, prompts, task } }) => `${task} ${prompts.sha256} ${originOfHost(host) ?? ""}`,
      ).values(),
    ].flatMap(pairs),
  )

/** Runs of one setup are not a pair: however many there are, they cost nothing. */
const pairs = (requested: ReadonlyArray<RunRecord>): ReadonlyArray<Equivalence> => {
  const setups = [...Map.groupBy(requested, setupOf).values()]
  return setups.flatMap((ofA, index) =>
    ofA.flatMap((a) => setups.slice(index + 1).flatMap((ofB) => ofB.map((b) => equivalence(a, b)))),
  )
}

const equivalence = (a: RunRecord, b: RunRecord): Equivalence => {
  const sameWeights = originOf(a.cell.model) === originOf(b.cell.model)
  const agreement = agreementOf(answersOf(a), answersOf(b))
  const disagree = sameWeights ? disagreeing(agreement) : undefined
  return { records: [a, b], sameWeights, agreement, ...(disagree === undefined ? {} : { disagree }) }
}

const answersOf = ({ answers }: RunRecord) => answers ?? { absent: "a record from before answers were stored" }

/** What determines a run's answers, except the requests: runs that share it differ only in their scenario. */
export const setupOf = ({ cell }: RunRecord): string => setupOfCell(cell)

const setupOfCell = remembered(({ backend, host, model, options, placement, runtime }: RunRecord["cell"]): string =>
  canonicalJson([
    backend,
    runtime.program,
    runtime.version,
    runtime.libraries,
    options,
    placement,
    model.sha256,
    host.fingerprint,
  ]),
)

/** The pairs that each record is in, by its id. */
export const byRecord = (equivalences: ReadonlyArray<Equivalence>): ReadonlyMap<string, ReadonlyArray<Equivalence>> => {
  const pairsOf = new Map<string, Array<Equivalence>>()
  for (const equivalence of equivalences)
    for (const { id } of equivalence.records) {
      const known = pairsOf.get(id)
      if (known === undefined) pairsOf.set(id, [equivalence])
      else known.push(equivalence)
    }
  return pairsOf
}

/**
 * One for each two setups, with whichever prompts: the pair of their runs that agrees least, or else one that says why there
 * is none.
 */
export const worstBySetup = (equivalences: ReadonlyArray<Equivalence>): ReadonlyArray<Equivalence> =>
  [
    ...Map.groupBy(equivalences, ({ records: [a, b] }) =>
      JSON.stringify([a.cell.task, ...[setupOf(a), setupOf(b)].toSorted()]),
    ).values(),
  ].map((alike) => alike.reduce((worst, next) => (likeness(next) < likeness(worst) ? next : worst)))

const likeness = ({ agreement, disagree }: Equivalence): number => {
  if ("absent" in agreement) return Infinity
  return (agreement.kind === "text" ? agreement.meanPrefix : agreement.minCosine) - (disagree === true ? 2 : 0)
}

/**
 * Vectors of the same weights are closer than this, by their smallest cosine. All-MiniLM-L6-v2 in f32 against itself,
 * over 16 documents: in f16 1 - 2e-6, in bf16 1 - 8e-5; with texts cut at 128 tokens 0.76, without lower-casing 0.72,
 * with another pooling 0.27.
 */
export const MIN_COSINE = 0.999

/**
 * Greedy texts of the same weights share more than this, on average over a few prompts. How early rounding makes two
 * texts diverge is chance, so a single prompt is not enough. SmolLM2 135M in Q4_1, over six prompts of 32 tokens: 0.45
 * and 0.65 against its unpacking to bf16 in another engine, 0.44 and 0.61 with a KV cache in q8_0, 0.20 at the least
 * between those two; 0.01 and 0.06 with positions scaled wrongly, none with another chat template. A KV cache in q4_0,
 * which degrades what this model writes, is between: 0.05 and 0.12.
 */
export const MIN_PREFIX = 0.1

const disagreeing = (agreement: Agreement): boolean | undefined => {
  if ("absent" in agreement) return undefined
  // Rounding never changes the number of tokens in a prompt.
  return agreement.kind === "text"
    ? agreement.meanPrefix < MIN_PREFIX || agreement.sameInputTokens === 0
    : agreement.minCosine < MIN_COSINE
}

/** The records with the reasons that comparing them adds to their own: engines that disagree. */
export const judgedTogether = (
  records: ReadonlyArray<RunRecord>,
  equivalences: ReadonlyArray<Equivalence>,
): ReadonlyArray<RunRecord> => {
  const disagreeing = byRecord(equivalences.filter(({ disagree }) => disagree === true))
  return records.map((record) => {
    const against = worstBySetup(disagreeing.get(record.id) ?? [])
    if (against.length === 0) return record
    const reasons = against.map(({ agreement, records: [a, b] }) =>
      reason("engines-disagree", `${difference(agreement)} of ${setupName(a.id === record.id ? b : a)}`),
    )
    return new RunRecord(Object.assign({}, record, { verdict: verdictOf([...record.verdict.reasons, ...reasons]) }))
  })
}

const difference = (agreement: Agreement): string => {
  if ("absent" in agreement) return agreement.absent
  if (agreement.kind === "vectors")
    return `a vector has a cosine of ${agreement.minCosine.toFixed(4)} (bound ${MIN_COSINE}) to that`
  const { meanPrefix, prompts, sameInputTokens } = agreement
  return meanPrefix < MIN_PREFIX
    ? `texts share ${(100 * meanPrefix).toFixed(1)} % of their length (bound ${100 * MIN_PREFIX} %), from the beginning, with those`
    : `of ${prompts} prompts ${sameInputTokens} have the same number of tokens as in those`
}

const setupName = ({ cell: { backend, placement, runtime }, id }: RunRecord): string =>
  `${backend} (${runtime.program} ${runtime.version}) on ${placementName(placement)}, record ${id}`

/** By setup, then by id. A setup has a long text and many runs: it is compared only once. */
const inOrder = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> =>
  [...Map.groupBy(records, setupOf)]
    .toSorted(([a], [b]) => compare(a, b))
    .flatMap(([, alike]) => alike.toSorted((a, b) => compare(a.id, b.id)))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
