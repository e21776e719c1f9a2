import type { HttpFailure, OpenAiClient } from "@rigbook/core/engine"
import type { Effect, Schema } from "effect"

/** Where a value is in an answer: keys one inside the other. `*` begins the end of a key, whatever stands before it. */
export type Place = ReadonlyArray<string>

/** A request whose answer has facts; `{model}` in a path is the model's name there. */
export interface Question {
  readonly path: string
  /** Sent as JSON; without it, the request is a GET. */
  readonly body?: (model: string) => Schema.Json
  /** The list in the answer whose item, by this key, is the model. */
  readonly among?: readonly [list: string, key: string]
  readonly facts: Readonly<Partial<Record<Fact, Place>>>
}

/** Facts of a model that a server may report. */
export type Fact =
  | "architecture"
  | "quantization"
  | "parameters"
  | "weightBytes"
  | "fileBytes"
  | "contextLength"
  | "hiddenSize"
  | "layers"
  | "vocabulary"
  | "sha256"

/** Sends a question about a model. */
export const put = (
  client: Pick<OpenAiClient, "getJson" | "postJson">,
  { body, path }: Pick<Question, "path" | "body">,
  model: string,
): Effect.Effect<unknown, HttpFailure> => {
  const at = path.replace("{model}", encodeURIComponent(model))
  return body === undefined ? client.getJson(at) : client.postJson(at, body(model))
}

/** A kind of server: where it listens, how it is recognised, and what it reports. */
export interface Kind {
  /** As `Runtime.program`. */
  readonly program: string
  readonly name: string
  /** Ports that its documentation names. */
  readonly ports: ReadonlyArray<number>
  /** A path that answers with this key only here. */
  readonly mark: readonly [path: string, key: Place]
  readonly version?: readonly [path: string, key: Place]
  /** The models that it lists, where not as OpenAI does. */
  readonly list?: readonly [path: string, list: string | undefined, name: Place]
  /** The model's file: after this option among the arguments in its entry of that list, else at a path. */
  readonly file?: { readonly option: string; readonly args: Place; readonly else: readonly [path: string, key: Place] }
  /** A value of a model's entry in that list that says that it embeds. */
  readonly embeds?: readonly [place: Place, is: RegExp]
  readonly questions: ReadonlyArray<Question>
  /** A request that loads the model, for servers that otherwise do so at the first request, and then report more of it. */
  readonly load?: Pick<Question, "path" | "body">
  /** Fields of requests by which answers have exactly the requested length; left out where there are none. */
  readonly exact?: Readonly<Record<string, Schema.Json>>
  /** Fields of all requests to generate: nothing is taken from a cache. */
  readonly always?: Readonly<Record<string, Schema.Json>>
  /** Refuses texts to embed that are beyond its limit; others cut them. */
  readonly refusesLonger?: boolean
  /** What it does not report, each in a sentence. */
  readonly absent: ReadonlyArray<string>
}

const DEVICES = "It does not report which devices hold the weights."
const LENGTH = "It can't ignore end-of-text: answers have their natural length."
const CACHE = "It keeps prompts in a cache, and does not report how much of one it took from there: use `cache: fresh`."
const SIZE = "It does not report how many weights the model has, or their bytes."

/** Kinds of servers, from their documentation; the first that is recognised counts. */
export const KINDS: ReadonlyArray<Kind> = [
  {
    program: "ollama",
    name: "Ollama",
    ports: [11434],
    mark: ["/api/version", ["version"]],
    version: ["/api/version", ["version"]],
    list: ["/api/tags", "models", ["name"]],
    embeds: [["details", "family"], /bert|embed/i],
    questions: [
      { path: "/api/tags", among: ["models", "name"], facts: { fileBytes: ["size"], sha256: ["digest"] } },
      {
        path: "/api/show",
        body: (model) => ({ model }),
        facts: {
          architecture: ["model_info", "general.architecture"],
          quantization: ["details", "quantization_level"],
          parameters: ["model_info", "general.parameter_count"],
          contextLength: ["model_info", "*.context_length"],
          hiddenSize: ["model_info", "*.embedding_length"],
          layers: ["model_info", "*.block_count"],
        },
      },
    ],
    load: { path: "/api/generate", body: (model) => ({ model }) },
    absent: [LENGTH, CACHE, DEVICES, "It cuts texts to embed at its limit without a word."],
  },
  {
    program: "lmstudio",
    name: "LM Studio",
    ports: [1234],
    mark: ["/api/v0/models", ["data"]],
    list: ["/api/v0/models", "data", ["id"]],
    embeds: [["type"], /^embeddings$/],
    questions: [
      {
        path: "/api/v0/models",
        among: ["data", "id"],
        facts: { architecture: ["arch"], quantization: ["quantization"], contextLength: ["max_context_length"] },
      },
    ],
    absent: [LENGTH, CACHE, DEVICES, SIZE, "It does not report its version."],
  },
  {
    program: "llamacpp",
    name: "llama.cpp",
    ports: [8080],
    mark: ["/props", ["build_info"]],
    version: ["/props", ["build_info"]],
    // A router has no file of its own: it starts a server with these arguments for each model.
    file: { option: "--model", args: ["status", "args"], else: ["/props", ["model_path"]] },
    questions: [
      {
        path: "/v1/models",
        among: ["data", "id"],
        facts: {
          parameters: ["meta", "n_params"],
          weightBytes: ["meta", "size"],
          contextLength: ["meta", "n_ctx_train"],
          hiddenSize: ["meta", "n_embd"],
          vocabulary: ["meta", "n_vocab"],
          quantization: ["meta", "ftype"],
        },
      },
      // A router would load the model for this, unless it is left out.
      { path: "/props?model={model}&autoload=false", facts: { quantization: ["model_ftype"] } },
    ],
    load: { path: "/props?model={model}" },
    exact: { ignore_eos: true },
    always: { cache_prompt: false },
    refusesLonger: true,
    absent: [DEVICES],
  },
  {
    program: "sglang",
    name: "SGLang",
    ports: [30000],
    mark: ["/get_model_info", ["tokenizer_path"]],
    version: ["/get_server_info", ["version"]],
    questions: [
      { path: "/get_server_info", facts: { quantization: ["dtype"] } },
      { path: "/v1/models", among: ["data", "id"], facts: { contextLength: ["max_model_len"] } },
    ],
    exact: { ignore_eos: true },
    refusesLonger: true,
    absent: [
      DEVICES,
      SIZE,
      "It reports cached prompt tokens only if started with --enable-cache-report: use `cache: fresh`.",
    ],
  },
  {
    program: "tei",
    name: "Text Embeddings Inference",
    ports: [3000, 8080],
    mark: ["/info", ["model_type", "embedding"]],
    version: ["/info", ["version"]],
    list: ["/info", undefined, ["model_id"]],
    embeds: [["model_id"], /./],
    questions: [{ path: "/info", facts: { quantization: ["model_dtype"], contextLength: ["max_input_length"] } }],
    absent: [DEVICES, SIZE, "It cuts texts at its limit where it was started with --auto-truncate."],
  },
  {
    program: "tgi",
    name: "Text Generation Inference",
    ports: [3000, 8080],
    mark: ["/info", ["max_total_tokens"]],
    version: ["/info", ["version"]],
    list: ["/info", undefined, ["model_id"]],
    questions: [{ path: "/info", facts: { quantization: ["model_dtype"], contextLength: ["max_total_tokens"] } }],
    absent: [LENGTH, CACHE, DEVICES, SIZE],
  },
  {
    program: "vllm",
    name: "vLLM",
    ports: [8000],
    mark: ["/v1/models", ["data", "0", "max_model_len"]],
    version: ["/version", ["version"]],
    questions: [{ path: "/v1/models", among: ["data", "id"], facts: { contextLength: ["max_model_len"] } }],
    exact: { ignore_eos: true },
    refusesLonger: true,
    absent: [DEVICES, SIZE, "It reports cached prompt tokens only if started with --enable-prompt-tokens-details."],
  },
]
