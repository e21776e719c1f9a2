import { Effect, Schema } from "effect"

/** Threads, and tokens: no engine takes more. */
const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(2 ** 24))
const orFalse = Schema.withDecodingDefaultKey<typeof Schema.Boolean>(Effect.succeed(false))

/** What a model's config can set under `backends.sentence-transformers`. */
export const Options = Schema.Struct({
  dtype: Schema.Literals(["auto", "float32", "float16", "bfloat16"])
    .annotate({ description: "Type of the weights in memory; auto uses the stored type." })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("auto"))),
  threads: Schema.optionalKey(
    PositiveInt.annotate({ description: "Threads that torch computes with on the CPU. Default: torch's choice." }),
  ),
  maxLength: Schema.optionalKey(
    PositiveInt.annotate({ description: "Tokens after which a text is cut. Default: the model's own limit." }),
  ),
  normalize: Schema.Boolean.annotate({
    description: "Scale vectors to length 1, for models that don't do so themselves.",
  }).pipe(orFalse),
  prompt: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Text put before each text, such as `passage: ` for E5. Default: the model's own, mostly none.",
    }),
  ),
  promptName: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "The name of such a prompt in the model's config_sentence_transformers.json, such as `query`.",
    }),
  ),
  trustRemoteCode: Schema.Boolean.annotate({
    description: "Run Python code that comes with the model. Only for models whose code you have read.",
  }).pipe(orFalse),
  python: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "A Python 3.11 or later that has sentence-transformers. Default: the one of `rigbook setup`.",
    }),
  ),
}).annotate({ identifier: "SentenceTransformersOptions" })
export type Options = typeof Options.Type
