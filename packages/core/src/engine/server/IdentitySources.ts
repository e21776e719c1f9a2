import { Effect, Option, Predicate, Schema } from "effect"
import type { EngineIdentity } from "../../runtime/EngineIdentity.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import type { OpenAiClient } from "../process/OpenAiClient.ts"

/** What one answer contains: facts of the program, of its process, or none from another kind of server. */
export type Facts = Partial<Omit<EngineIdentity, "absent">>

/** A request that some kind of server answers. */
export interface IdentitySource {
  readonly path: string
  readonly ask: (client: Pick<OpenAiClient, "getJson" | "getText">, model: string) => Effect.Effect<Facts, HttpFailure>
  /** Some servers change it for each request, or each second: then it identifies nothing. */
  readonly mayBeOfRequest?: boolean
}

/** Characters of a fact that are kept: what a server reports is not trusted. */
const LONGEST = 300

const MODELS = "/v1/models"

/** The parts of a model's entry in the list that depend neither on the request nor on the server's current work. */
const CARD = [
  "owned_by",
  "root",
  "parent",
  "max_model_len",
  "context_length",
  "revision",
  "digest",
  "quantization",
  "arch",
  "meta.n_params",
  "meta.size",
  "meta.n_ctx_train",
  "meta.n_vocab",
]

/** The existing values of `names`, each named by `path` and its own name; a dot leads into an object. */
const pick = (path: string, from: unknown, names: ReadonlyArray<string>): EngineIdentity["program"] =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = name
        .split(".")
        .reduce<unknown>((at, key) => (Predicate.hasProperty(at, key) ? at[key] : undefined), from)
      return typeof value === "string" || typeof value === "number"
        ? [[`${path} ${name}`, String(value).slice(0, LONGEST)]]
        : []
    }),
  )

const fields = (path: string, names: ReadonlyArray<string>): IdentitySource => ({
  path,
  ask: (client) => Effect.map(client.getJson(path), (answer) => ({ program: pick(path, answer, names) })),
})

const List = Schema.Struct({ data: Schema.Array(Schema.Unknown) })
const decodeList = Schema.decodeUnknownOption(List)

/** The model's entry in the list of models. */
const listed = (read: (entry: unknown) => Facts): IdentitySource => ({
  path: MODELS,
  ask: (client, model) =>
    Effect.map(client.getJson(MODELS), (answer) => {
      const { data } = Option.getOrElse(decodeList(answer), (): typeof List.Type => ({ data: [] }))
      return read(data.find((entry) => Predicate.hasProperty(entry, "id") && entry.id === model))
    }),
})

/**
 * The model as the server lists it. The name belongs to its process: a server of ours has a new one at each opening.
 */
export const MODEL = listed((entry) => ({ program: pick(MODELS, entry, CARD), process: pick(MODELS, entry, ["id"]) }))

/**
 * When it was loaded. Most servers don't store that, vLLM and llama.cpp among them, and return the time of the request.
 */
const CREATED: IdentitySource = {
  ...listed((entry) => ({ process: pick(MODELS, entry, ["created"]) })),
  mayBeOfRequest: true,
}

/** llama.cpp generates it when it starts. */
const MEDIA_MARKER: IdentitySource = {
  path: "/props",
  ask: (client) =>
    Effect.map(client.getJson("/props"), (answer) => ({ process: pick("/props", answer, ["media_marker"]) })),
  mayBeOfRequest: true,
}

const decodeTags = Schema.decodeUnknownOption(Schema.Struct({ models: Schema.Array(Schema.Unknown) }))

/** What stays as long as the same program serves the same model, where each kind of server reports it. */
export const PROGRAM_SOURCES: ReadonlyArray<IdentitySource> = [
  MODEL,
  // vLLM
  fields("/version", ["version"]),
  // llama.cpp
  fields("/props", ["build_info", "model_path", "default_generation_settings.n_ctx", "total_slots"]),
  // Text Generation Inference, Text Embeddings Inference
  fields("/info", ["version", "sha", "model_id", "model_sha", "model_dtype"]),
  // SGLang
  fields("/get_model_info", ["model_path"]),
  // Ollama
  fields("/api/version", ["version"]),
  {
    path: "/api/tags",
    ask: (client, model) =>
      Effect.map(client.getJson("/api/tags"), (answer) => {
        const models = Option.getOrUndefined(decodeTags(answer))?.models ?? []
        const found = models.find((one) => Predicate.hasProperty(one, "name") && one.name === model)
        return { program: pick("/api/tags", found, ["digest"]) }
      }),
  },
]

/** When the process began, as Prometheus' own clients report it. */
const PROCESS_START: IdentitySource = {
  path: "/metrics",
  ask: (client) =>
    Effect.map(client.getText("/metrics"), (text) => {
      const start = /^process_start_time_seconds (\S+)/m.exec(text)?.[1]
      return start === undefined ? {} : { process: { "/metrics process_start_time_seconds": start } }
    }),
}

/** What stays as long as the same process serves: for our own process there are better facts. */
export const PROCESS_SOURCES: ReadonlyArray<IdentitySource> = [PROCESS_START, CREATED, MEDIA_MARKER]
