import { type CellSpec, type Effective, reason, type VerdictReason } from "@rigbook/core"

interface LoadingEvidence {
  readonly cell: Pick<CellSpec, "model">
  readonly effective: Effective | undefined
}

/** Heads of models for other tasks than embedding, whatever pooling their folder names. */
const OTHER_TASKS = /For(Sequence|Token)Classification$|ForQuestionAnswering$|ForMultipleChoice$|ForNextSentence/
/** Heads that are fine in a folder that names its pooling: it was trained further. */
const LANGUAGE_MODELS = /For(MaskedLM|CausalLM|PreTraining|ConditionalGeneration)$|LMHeadModel$/

/** Tokenizers with less than this share of the model's tokens were improvised from incomplete files. */
const MIN_VOCABULARY = 0.1

/** What is wrong with the model that the library loaded from its files. Pure. */
export const judgeLoading = ({ cell: { model }, effective }: LoadingEvidence): ReadonlyArray<VerdictReason> => {
  const loading = effective?.loading
  if (loading === undefined) return []
  const { architecture = "", missing, pooling, unexpected, vocabulary } = loading
  const assumed = pooling?.assumed === true && model.synthetic === undefined
  const other = OTHER_TASKS.test(architecture) || (assumed && LANGUAGE_MODELS.test(architecture))
  const left = `${named(unexpected)} in its files ${unexpected.count === 1 ? "was" : "were"} not used`
  return [
    ...(missing.count > 0
      ? [
          reason(
            "weights-missing",
            `${named(missing)} ${missing.count === 1 ? "is" : "are"} in none of its files${unexpected.count > 0 ? `; ${left}` : ""}`,
          ),
        ]
      : unexpected.count > 0
        ? [reason("weights-unused", left)]
        : []),
    ...(other ? [reason("not-an-embedder", `its files say ${architecture}, which was made for another task`)] : []),
    ...(assumed
      ? [
          reason(
            "pooling-assumed",
            `${pooling.mode} pooling is the library's assumption: the model's files don't name one`,
          ),
        ]
      : []),
    ...(vocabulary !== undefined && vocabulary < MIN_VOCABULARY * (model.vocabulary ?? 0)
      ? [reason("tokenizer-missing", `its tokenizer has ${vocabulary} tokens, the model ${model.vocabulary}`)]
      : []),
  ]
}

/** `23 weights (embeddings.LayerNorm.bias, …)`. */
const named = ({ count, first }: { readonly count: number; readonly first: ReadonlyArray<string> }): string =>
  `${count} ${count === 1 ? "weight" : "weights"} (${[...first, ...(count > first.length ? ["…"] : [])].join(", ")})`
