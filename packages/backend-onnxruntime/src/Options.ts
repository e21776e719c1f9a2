import { Effect, Schema } from "effect"

/** Threads, and tokens: no engine takes more. */
const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(2 ** 24))

/** What a model's config can set under `backends.onnxruntime`. */
export const Options = Schema.Struct({
  threads: Schema.optionalKey(
    PositiveInt.annotate({
      description: "Threads on the CPU, of an operator and of the tokenizer. Default: their libraries choose.",
    }),
  ),
  maxLength: Schema.optionalKey(
    PositiveInt.annotate({ description: "Tokens after which a text is cut. Default: the model's own limit." }),
  ),
  pooling: Schema.optionalKey(
    Schema.Literals(["mean", "cls"]).annotate({
      description: "How vectors of tokens become that of the text. Default: as the model's files say, else mean.",
    }),
  ),
  normalize: Schema.Boolean.annotate({
    description: "Scale vectors to length 1, for models whose files don't say so.",
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  prompt: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Text put before each text, such as `passage: ` for E5. Default: none.",
    }),
  ),
  python: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description:
        "A Python 3.11 or later that has onnxruntime, tokenizers and numpy. Default: the one of `rigbook setup`.",
    }),
  ),
}).annotate({ identifier: "OnnxRuntimeOptions" })
export type Options = typeof Options.Type
