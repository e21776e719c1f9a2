import { type Metric, REASONS } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Entry } from "./PublicNames.ts"

/** What a metric is only for. */
const UNDER: Readonly<Record<NonNullable<Metric["under"]>, string>> = {
  load: "loads only",
  "multi-turn": "conversations only",
  speculation: "speculative decoding only",
  retrieval: "retrieval only",
  sts: "scored pairs only",
  kld: "losses only",
  tasks: "questions only",
}

/** Every metric by its definition, as the registry shows it. */
export const metricsPart = (): string =>
  [
    "| metric | unit | better | of | how a trial's value is made |",
    "| :-- | :-- | :-- | :-- | :-- |",
    ...METRICS.map(
      ({ better, definition, id, per, tasks, title, under, unit }) =>
        `| ${title} (\`${id}\`) | ${unit} | ${better} | ${[...tasks, ...(under === undefined ? [] : [UNDER[under]]), ...(per === undefined ? [] : ["each opening"])].join(", ")} | ${cell(definition)} |`,
    ),
  ].join("\n")

/** Every statistic by its docstring. */
export const statisticsPart = (entries: ReadonlyArray<Entry>): string =>
  entries
    .flatMap(({ tabled }) => tabled)
    .filter(({ kind }) => kind === "function")
    .map(({ doc, name }) => `- **\`${name}\`**: ${doc.replaceAll(/\s+/g, " ")}`)
    .join("\n")

/** What a verdict holds figures against; `{file CONSTANT}` stands for the number that the program has there. */
const BOUNDS: ReadonlyArray<string> = [
  "`too-few-trials`: less than {records/src/verdict/Judge.ts MIN_TRIALS} measured trials",
  "`noisy`: the coefficient of variation of `ttft`, `tpot` or `docs_per_s` is above {records/src/verdict/Judge.ts MAX_CV}",
  "`drifting`: one of these goes one way from trial to trial, by Kendall's test with p below {records/src/verdict/Judge.ts DRIFT_P}, and changes by more than {records/src/verdict/Judge.ts MAX_DRIFT} of its median in all (Theil–Sen slope × trials)",
  "`not-warm`: of warm-ups that go on until figures hold still, the last three values of `ttft`, `tpot` or `docs_per_s` are not all within the protocol's `within` of their median when the most were made",
  "`wide-interval`: of trials that go on until figures are sure, half the 95 % interval of one of these medians is above the protocol's `within` of it when the most were made",
  "`outliers`: the modified z-score of one of their values is above {records/src/statistics/Outliers.ts BOUND}, and it is more than {records/src/verdict/Judge.ts OUTLIER} of the median away from it",
  "`cache-warm` and `cache-used`: the engine took a prompt token or more from a cache, of a conversation in its first turn; `cache-used` where the scenario says `cache: repeated`",
  "`truncated` and `truncated-as-set`: a token or more of the documents was dropped before they were embedded; `truncated-as-set` where the config sets `maxLength`",
  "`unknown-tokens`: more than {records/src/verdict/JudgeTexts.ts MAX_UNKNOWN} of the tokens stand for what the tokenizer does not know",
  "`tokenizer-missing`: the tokenizer knows less than {records/src/verdict/JudgeLoading.ts MIN_VOCABULARY} of the tokens that the model has vectors for",
  "`not-an-embedder`: the model's files name an architecture that classifies or answers questions; or, where they name no pooling, a language model",
  "`retried`: a request or more was sent again after HTTP 429",
  "`busy-host`: more than {records/src/verdict/Judge.ts MAX_BUSY} of the processor was busy before the start, or others used more than {records/src/verdict/JudgeTelemetry.ts MAX_FOREIGN} of it while trials ran",
  "`foreign-process`: another process was on a GPU of the cell, or the GPU was at work more than {records/src/verdict/JudgeTelemetry.ts MAX_FOREIGN_UTILIZATION} of the time before the start",
  "`client-bound`: timers, or requests of an open loop, were later than {records/src/verdict/Judge.ts MAX_DELAY_MS} ms at the 99th percentile; or our event loop was at work more than {records/src/verdict/JudgeTelemetry.ts MAX_LOOP} of a trial's time, or late by more than {records/src/verdict/JudgeTelemetry.ts MAX_LATE} of the time to the first token (to embed, of a call's time)",
  "`clock-disagrees`: our decode speed and the engine's differ by more than {records/src/verdict/Judge.ts CLOCKS.decode}; the prefill speed, outside of loads, by more than {records/src/verdict/Judge.ts CLOCKS.prefill}",
  "`placement-mismatch`: the weights on a device differ from the predicted ones by more than {records/src/verdict/JudgePlacement.ts TOLERANCE} of all",
  "`device-mismatch`: the weights are on other devices than requested; the driver lists the engine on other GPUs, with more than {records/src/verdict/Witnesses.ts CONTEXT_BYTES} MiB there; or memory in use on a GPU has grown by less than the engine says it holds, by more than {records/src/verdict/Witnesses.ts TOLERANCE} of that and by more than the same {records/src/verdict/Witnesses.ts CONTEXT_BYTES} MiB (a driver's context)",
  "`engines-disagree`: the least cosine of two engines' vectors of one text is below {registry/src/registry/Equivalence.ts MIN_COSINE}, or greedy texts share less than {registry/src/registry/Equivalence.ts MIN_PREFIX} of their length on average",
]

/** Each bound with its number, which is a share unless it has a unit. */
export const boundsPart = (): string =>
  BOUNDS.map(
    (bound) => `- ${bound.replaceAll(/\{(\S+) (\S+)\}/g, (_, file: string, name: string) => numberOf(file, name))}`,
  ).join("\n")

const numberOf = (file: string, name: string): string => {
  const source = readFileSync(join(import.meta.dirname, "../../packages", file), "utf8")
  const [constant, key] = name.split(".")
  const [, value] =
    new RegExp(`const ${constant} = ${key === undefined ? "" : `\\{.*\\b${key}: `}([0-9.]+)`).exec(source) ?? []
  if (value === undefined) throw new Error(`${file} has no ${name} any more: say what the bound is now.`)
  return value
}

/** Every reason of a verdict. */
export const reasonsPart = (): string =>
  [
    "| reason | level | what to do |",
    "| :-- | :-- | :-- |",
    ...Object.entries(REASONS).map(([code, { advice, level }]) => `| \`${code}\` | ${level} | ${cell(advice)} |`),
  ].join("\n")

const cell = (text: string): string => text.replaceAll("|", "\\|")
