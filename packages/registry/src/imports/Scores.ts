import type { ImportedFigure } from "@rigbook/core"

const LOWER = /perplexity|ppl|bits_per_byte|byte_perplexity|brier|loss|(^|_)(ter|wer|cer|mse|mae)$|toxicity/
const HIGHER =
  /^(acc|acc_norm|acc_mutual_info|acc_all|exact_match|em|f1|mcc|bleu|chrf|rouge\w*|pass@\d+|likelihood_diff|mc1|mc2)$/

/** Which way is better: as the file says, else by the metric's name. */
export const better = (metric: string, reported: boolean | null | undefined): ImportedFigure["better"] | undefined => {
  if (typeof reported === "boolean") return reported ? "higher" : "lower"
  if (LOWER.test(metric)) return "lower"
  return HIGHER.test(metric) ? "higher" : undefined
}

/** How many answers there are to choose from, for tasks whose files don't list them. */
const CHOICES: ReadonlyArray<readonly [RegExp, number]> = [
  [/^(winogrande|piqa|boolq|copa|wic|wsc|rte|qnli|mrpc|qqp|sst2|cola|xwinograd|xcopa|storycloze|xstorycloze)/, 2],
  [/^(mnli|anli|cb$|xnli)/, 3],
  [/^(mmlu(?!_pro)|hellaswag|arc_|openbookqa|race|gpqa|sciq|swag|medmcqa|belebele)/, 4],
  [/^(commonsense_qa)/, 5],
  [/^(mmlu_pro)/, 10],
]

interface Score {
  readonly value: unknown
  readonly error: unknown
  /** As the task lists them, where it does. */
  readonly choices: unknown
}

/** Says so where an accuracy is not above what guessing would get, within two standard errors. */
export const atChance = (
  task: string,
  metric: string,
  { choices: reported, error, value }: Score,
): string | undefined => {
  if (!/^acc(_norm)?$/.test(metric) || typeof value !== "number") return undefined
  const choices =
    Array.isArray(reported) && reported.length > 1
      ? reported.length
      : CHOICES.find(([pattern]) => pattern.test(task))?.[1]
  if (choices === undefined || value > 1 / choices + 2 * (typeof error === "number" ? error : 0)) return undefined
  return `no better than guessing one of ${choices} answers`
}
