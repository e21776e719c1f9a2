import { Schema } from "effect"

/** How hard a reason weighs; see `REASONS`. */
export const Level = Schema.Literals(["invalid", "suspect", "note"])
export type Level = typeof Level.Type

/**
 * Every reason for a verdict, and its level. `invalid`: the figures don't mean what
 * they say. `suspect`: they may not repeat. `note`: worth knowing, harmless.
 */
export const REASONS = {
  failed: { level: "invalid", advice: "Read the end of the engine's log, fix the cause and run again." },
  errors: { level: "invalid", advice: "Read the errors in the samples; lower the load or raise the deadline." },
  "engine-changed": {
    level: "invalid",
    advice:
      "Keep one process of one version, with one model, at the server's address for the whole cell, and run again.",
  },
  "engine-unverified": {
    level: "suspect",
    advice: "Check whether the server still answers, and run again with --fresh: another one may have answered.",
  },
  "device-mismatch": {
    level: "invalid",
    advice: "Name the device in `placement`, and check that the runtime was built for it.",
  },
  "placement-mismatch": {
    level: "invalid",
    advice: "Read in the engine's log what it did instead; check that the runtime was built for these devices.",
  },
  "device-unverified": { level: "suspect", advice: "Find the device in the engine's log, or ask the driver." },
  "placement-unverified": {
    level: "note",
    advice:
      "Let the driver list the engine's process (in a container: share the host's process ids), and end other programs on the device.",
  },
  "config-drift": { level: "invalid", advice: "Set the option to a value that the engine supports, or remove it." },
  "config-unverified": { level: "note", advice: "The engine does not report this option where Rigbook reads it." },
  "cache-warm": { level: "invalid", advice: "Turn prompt caching off, or use fresh prompts." },
  "cache-used": {
    level: "note",
    advice: "The scenario requests it (cache: repeated); compare only with runs of the same setting.",
  },
  "texts-repeated": {
    level: "suspect",
    advice:
      "A server may cache vectors by text and answer from the cache: set `cache: fresh` in the scenario, which makes each text new.",
  },
  "vector-mismatch": {
    level: "suspect",
    advice: "Check which model the server holds, and whether it shortens its vectors.",
  },
  truncated: {
    level: "suspect",
    advice:
      "docs/s counts truncated documents: use shorter ones, or a model with a longer limit; compare only with runs that truncate alike.",
  },
  "truncated-as-set": {
    level: "note",
    advice:
      "The config requests it (maxLength): docs/s counts documents of that length; compare only with runs of the same setting.",
  },
  "truncation-unknown": {
    level: "note",
    advice:
      "A server may truncate texts silently: compare the tokens in its usage with the model's tokenizer, or check how it was started.",
  },
  "weights-missing": {
    level: "invalid",
    advice:
      "The model has randomly initialized weights: compare the names in its files with those of its architecture, and download it again.",
  },
  "weights-unused": {
    level: "note",
    advice: "They may be the head for another task. Check whether the model needs them.",
  },
  "not-an-embedder": {
    level: "suspect",
    advice: "Its speed is that of its shape, but its vectors mean little: name a model that was trained to embed.",
  },
  "pooling-assumed": {
    level: "suspect",
    advice:
      "Download all files of the model, including modules.json and the pooling folder, or save it once with sentence-transformers.",
  },
  "tokenizer-missing": {
    level: "invalid",
    advice:
      "Download the tokenizer's files (tokenizer.json, or the vocabulary): without them all words become the same token.",
  },
  "unknown-tokens": {
    level: "suspect",
    advice: "The model does not know the script of these texts: use other texts, or a model for their language.",
  },
  // Figures that depend on the length are absent; those of each token are true.
  "short-output": {
    level: "suspect",
    advice:
      "Make the engine ignore end-of-text, so that all answers have the same length; if it can't, set `outputTokens: natural`.",
  },
  "long-output": {
    level: "invalid",
    advice: "Make the server respect max_tokens, so that all answers have the same length.",
  },
  // Figures that the token counts do not support are absent; the others may not include all work of the engine.
  "tokens-unaccounted": {
    level: "suspect",
    advice:
      "Turn off what hides, bundles or does not count tokens (thinking, a buffering proxy); vLLM counts each chunk with continuous_usage_stats in stream_options, which `body` can set.",
  },
  "usage-contradicts": {
    level: "invalid",
    advice: "The server miscounts: update it, or use the figures of its own clock.",
  },
  "several-per-chunk": {
    level: "note",
    advice:
      "Times of chunks are not times of tokens: TTFT ends when all tokens of the first chunk have arrived; TPOT leaves those out.",
  },
  throttled: {
    level: "suspect",
    advice: "Cool the machine and run again with --fresh: its clock was throttled because of heat or power supply.",
  },
  "power-capped": {
    level: "note",
    advice: "The GPU ran at its power limit, as it does by design under full load.",
  },
  "foreign-process": { level: "suspect", advice: "End other programs on the GPU and run again with --fresh." },
  "client-bound": {
    level: "suspect",
    advice: "Rigbook itself was the limit: free a processor core for it, or lower the load.",
  },
  "too-few-trials": { level: "suspect", advice: "Measure at least five trials; ten is the default." },
  noisy: { level: "suspect", advice: "Close other programs and run again with --fresh." },
  drifting: {
    level: "suspect",
    advice:
      "Figures changed steadily from trial to trial: let the machine reach a steady state (more warm-ups) and run again.",
  },
  "busy-host": { level: "suspect", advice: "Run again when nothing else uses the processor." },
  "not-warm": {
    level: "suspect",
    advice: "Allow more warm-ups, or find out what keeps changing; a larger `within` accepts it.",
  },
  "wide-interval": {
    level: "suspect",
    advice: "Allow more trials, or close other programs; a larger `within` accepts less precision.",
  },
  outliers: {
    level: "note",
    advice: "They are kept and counted: they hardly move the median and its interval. Check the trial's telemetry.",
  },
  retried: {
    level: "note",
    advice: "The load exceeded what the server accepts; the latency of a request counts from its last attempt.",
  },
  "clock-disagrees": {
    level: "suspect",
    advice: "Something delayed the chunks in transit: free a processor core for Rigbook and run again.",
  },
  "memory-unknown": { level: "note", advice: "Make sure that the model fits there: Rigbook could not check it." },
  "memory-unobserved": {
    level: "note",
    advice: "Rigbook reads the memory of processes from /proc (Linux), and that of GPUs from their driver.",
  },
  "not-a-number": {
    level: "invalid",
    advice:
      "The model's vectors have no direction, or its predictions are not numbers: compute in another type, and check its weights.",
  },
  "not-repeatable": {
    level: "suspect",
    advice: "Texts in batches may change each other's rounding: set `batchSize: 1`, and fewer slots in the engine.",
  },
  "few-queries": {
    level: "suspect",
    advice: "Take at least a hundred queries or pairs, or eight chunks of a text.",
  },
  "null-test-failed": {
    level: "suspect",
    advice: "The engine computes the same text differently each time: try one thread, or another build of it.",
  },
  "reference-quantized": {
    level: "suspect",
    advice: "The figure omits what the reference itself had lost: name a reference that was never quantized.",
  },
  "wide-bootstrap": {
    level: "suspect",
    advice: "Take more queries, pairs or chunks; `compare` pairs them, which separates two models better.",
  },
  "at-chance": {
    level: "suspect",
    advice: "Check whether the model reads the texts' language, and was given the prefixes that it was trained with.",
  },
  "quality-of-cut-texts": {
    level: "suspect",
    advice: "Take shorter texts, or a model with a longer limit: the figure is of what was left of them.",
  },
  "replies-cut": {
    level: "suspect",
    advice: "Allow more tokens (`outputTokens`): a model that reasons needs hundreds before its answer.",
  },
  // Derived when records are compared, not stored in one: see Equivalence.
  "engines-disagree": {
    level: "suspect",
    advice: "Compare the stored answers; check the chat template, the tokenizer, the pooling and the data types.",
  },
  "synthetic-weights": {
    level: "note",
    advice:
      "Figures are for the model's shape. Name trained weights in the config's source to measure the model itself.",
  },
  "engine-restarted": {
    level: "note",
    advice: "The run was interrupted and resumed, or made in rounds; --fresh measures it in one go.",
  },
} as const satisfies Record<string, { readonly level: Level; readonly advice: string }>

/** The name of a reason. */
export type ReasonCode = keyof typeof REASONS

/**
 * One reason against a run, or worth knowing about it, and what to do. Its code is an open set: a
 * record of another version may have one that is not in `REASONS`, and carries its level and advice.
 */
export const VerdictReason = Schema.Struct({
  code: Schema.NonEmptyString,
  level: Level,
  /** What was observed, with its figures. */
  detail: Schema.NonEmptyString,
  advice: Schema.NonEmptyString,
})
export type VerdictReason = typeof VerdictReason.Type

/** Whether the figures of a run mean what they say, with all reasons. */
export const Verdict = Schema.Struct({
  status: Schema.Literals(["valid", "suspect", "invalid"]),
  reasons: Schema.Array(VerdictReason),
}).annotate({ identifier: "Verdict" })
export type Verdict = typeof Verdict.Type

/** A reason with the level and the advice that its code has. */
export const reason = (code: ReasonCode, detail: string): VerdictReason => ({ code, detail, ...REASONS[code] })

/** The most severe reason decides. */
export const verdictOf = (reasons: ReadonlyArray<VerdictReason>): Verdict => ({
  status: reasons.some(({ level }) => level === "invalid")
    ? "invalid"
    : reasons.some(({ level }) => level === "suspect")
      ? "suspect"
      : "valid",
  reasons,
})
