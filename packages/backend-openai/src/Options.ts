import { secretIn } from "@rigbook/core"
import { Effect, Schema } from "effect"

/** Without credentials: records show what a config contains. */
const ServerUrl = Schema.String.check(
  Schema.makeFilter(
    (text) => {
      const url = URL.parse(text)
      return (
        url !== null &&
        /^https?:$/.test(url.protocol) &&
        // With or without a name or a password: an @ before the path is the end of a user.
        !/^[^/\\]*[/\\]*[^/\\?#]*@/.test(text) &&
        !/[\s?#]/.test(text) &&
        secretIn(text) === undefined
      )
    },
    { message: "Expected the address of a server, such as http://127.0.0.1:8000, without a user, query or fragment" },
  ),
)

/** Tokens may be made of the same characters as names, but are long, without `_`, with digits or in mixed case. */
const isNoToken = (text: string): boolean =>
  !(/^[A-Za-z0-9]{20,}$/.test(text) && /\d|[a-z][A-Z]/.test(text)) && secretIn(text) === undefined

/** The options of `backends.openai` in a model's config. */
export const Options = Schema.Struct({
  /** The server. */
  url: ServerUrl.annotate({
    description: "Address of a running server, such as http://10.0.0.7:8000, with or without /v1; it may have a path.",
  }),
  /** For servers whose API is elsewhere. */
  apiPath: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^(\/[\w.~-]+)*$/, { message: 'Expected a path such as /v3, or "" for none' }),
    ).annotate({
      description: "What paths of the API begin with after url. Default: the version at the end of url, else /v1.",
    }),
  ),
  /** The model's name there. */
  model: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "The model's name at the server. Default: the only one it lists." }),
  ),
  /** Where the bearer token is. */
  tokenEnv: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]*$/, { message: "Expected the name of an environment variable" }),
      Schema.makeFilter(isNoToken, { message: "Expected the name of an environment variable, not the token itself" }),
    ).annotate({
      description: "Name of the environment variable that holds the bearer token. Never the token itself.",
    }),
  ),
  /** Additional request fields. */
  body: Schema.Record(Schema.String, Schema.Json)
    .annotate({
      description:
        "Fields added to each request to generate, such as ignore_eos: true, or cache_prompt: false for llama-server.",
    })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
}).annotate({ identifier: "OpenAiOptions" })
export type Options = typeof Options.Type
