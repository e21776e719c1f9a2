import { Schema } from "effect"

/** How hard a reason weighs; see `REASONS`. */
export const Level = Schema.Literals(["invalid", "suspect", "note"])
export type Level = typeof Level.Type

/**
 * Every reason that a run can be judged by, and how hard it weighs. `invalid`: the figures don't mean what
 * they say. `suspect`: they may not repeat. `note`: worth knowing, harmless.
 */
export const REASONS = {
  failed: { level: "invalid", advice: "Read the end of the engine's log, mend the cause and run again." },
  errors: { level: "invalid", advice: "Look at the errors in the samples; lower the load or raise the deadline." },
  "engine-changed": {
    level: "invalid",
    advice:
      "Keep one process of one version, with one model, at the server's address for the whole cell, and run again.",
  },
  "engine-unverified": {
    level: "suspect",
    advice: "See whether the server still answers, and run again with --fresh: another one may have answered.",
  },
  "device-mismatch": {
    level: "invalid",
    advice: "Name the device in `placement`, and check that the runtime was built for it.",
  },
  "placement-mismatch": {
    level: "invalid",
    advice: "See in the engine's log what it did instead; check that the runtime was built for these devices.",
  },
  "device-unverified": { level: "suspect", advice: "Take the device from the engine's log, or from the driver." },
  "placement-unverified": {
    level: "note",
    advice:
      "Let the driver's process list name the engine (in a container: share the host's process ids), and end what else uses the device.",
  },
  "config-drift": { level: "invalid", advice: "Set the option to what the engine can do, or take it out." },
  "config-unverified": { level: "note", advice: "The engine no longer tells this option where it was looked for." },
  "cache-warm": { level: "invalid", advice: "Turn prompt caching off, or use fresh prompts." },
  "cache-used": { level: "note", advice: "The scenario asks for it (cache: repeated); compare only with its like." },
  "texts-repeated": {
    level: "suspect",
    advice:
      "A server may keep vectors by their text and answer from its store: set `cache: fresh` in the scenario, which makes each text new.",
  },
  "vector-mismatch": {
    level: "suspect",
    advice: "See which model the server holds, and whether it shortens its vectors.",
  },
  truncated: {
    level: "suspect",
    advice:
      "docs/s is of documents that were cut short: take shorter ones, or a model with a longer limit; compare only with runs that cut alike.",
  },
  "truncated-as-set": {
    level: "note",
    advice: "The config asks for it (maxLength): docs/s is of documents of that length; compare only with its like.",
  },
  "truncation-unknown": {
    level: "note",
    advice:
      "A server may cut texts in silence: hold the tokens of its usage against a tokenizer of the model's, or see how it was started.",
  },
  "weights-missing": {
    level: "invalid",
    advice:
      "The model has numbers made up at random: compare the names in its files with those of its architecture, and fetch it again.",
  },
  "weights-unused": {
    level: "note",
    advice: "Such as the head for another task. See whether they are a part that the model needs.",
  },
  "not-an-embedder": {
    level: "suspect",
    advice: "Its speed is that of the shape, its vectors mean little: name a model that was trained to embed.",
  },
  "pooling-assumed": {
    level: "suspect",
    advice:
      "Fetch all files of the model, modules.json and the pooling's folder among them, or save it with sentence-transformers once.",
  },
  "tokenizer-missing": {
    level: "invalid",
    advice:
      "Fetch the tokenizer's files (tokenizer.json, or the vocabulary): without them words become one and the same.",
  },
  "unknown-tokens": {
    level: "suspect",
    advice: "The texts are in a script that the model does not read: take others, or a model for their language.",
  },
  "short-output": {
    level: "invalid",
    advice: "Make the engine ignore end-of-text, so that every request has one length.",
  },
  "long-output": {
    level: "invalid",
    advice: "Make the server keep to max_tokens, so that every request has one length.",
  },
  // What the account of tokens does not support is absent; what is left may not be of all that the engine did.
  "tokens-unaccounted": {
    level: "suspect",
    advice:
      "Turn off what the server hides, bundles or does not count (thinking, a buffering proxy); vLLM counts each chunk by continuous_usage_stats in stream_options, which `body` may name.",
  },
  "usage-contradicts": {
    level: "invalid",
    advice: "The server miscounts: update it, or measure it by its own clock.",
  },
  "several-per-chunk": {
    level: "note",
    advice:
      "Times to a chunk and between chunks are not those of tokens: TTFT is when all tokens of the first were there; TPOT leaves these out.",
  },
  throttled: {
    level: "suspect",
    advice: "Cool the machine and run again with --fresh: the clock was held back by heat or by the supply of power.",
  },
  "power-capped": {
    level: "note",
    advice: "The GPU held itself to its power limit, as it does by design under full load.",
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
      "Figures went one way from trial to trial: let the machine reach a steady state (more warm-ups) and run again.",
  },
  "busy-host": { level: "suspect", advice: "Run again when nothing else uses the processor." },
  "not-warm": {
    level: "suspect",
    advice: "Allow more warm-ups, or find out what keeps changing; a wider `within` says that it may.",
  },
  "wide-interval": {
    level: "suspect",
    advice: "Allow more trials, or quieten the machine; a wider `within` says that less is enough.",
  },
  outliers: {
    level: "note",
    advice:
      "They are kept and counted: the median and its interval hardly move by them. Look at the trial's telemetry.",
  },
  retried: {
    level: "note",
    advice: "The server was asked for more than it takes; latencies count from the last time that each was sent.",
  },
  "clock-disagrees": {
    level: "suspect",
    advice: "Something delayed the chunks on their way: free a processor core for Rigbook and run again.",
  },
  "memory-unknown": { level: "note", advice: "Make sure that the model fits there: it was not checked." },
  "memory-unobserved": {
    level: "note",
    advice: "Memory of processes is read from /proc, on Linux, and that of a GPU from its driver.",
  },
  // Derived where records meet, not kept in one: see Equivalence.
  "engines-disagree": {
    level: "suspect",
    advice:
      "Compare the kept answers; look at the chat template, the tokenizer, the pooling and the types computed in.",
  },
  "synthetic-weights": {
    level: "note",
    advice: "They measure the shape. Name trained weights in the config's source to measure the model itself.",
  },
  "engine-restarted": {
    level: "note",
    advice: "The run was cut and continued, or made in rounds; --fresh measures it in one go.",
  },
} as const satisfies Record<string, { readonly level: Level; readonly advice: string }>

/** The name of a reason. */
export type ReasonCode = keyof typeof REASONS

/**
 * One thing that speaks against a run, or is worth knowing of it, and what to do about it. Its code is read openly: a
 * record of another version may hold one that is not in `REASONS`, and brings its level and advice along.
 */
export const VerdictReason = Schema.Struct({
  code: Schema.NonEmptyString,
  level: Level,
  /** What was seen, with its figures. */
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

/** The hardest reason decides. */
export const verdictOf = (reasons: ReadonlyArray<VerdictReason>): Verdict => ({
  status: reasons.some(({ level }) => level === "invalid")
    ? "invalid"
    : reasons.some(({ level }) => level === "suspect")
      ? "suspect"
      : "valid",
  reasons,
})
