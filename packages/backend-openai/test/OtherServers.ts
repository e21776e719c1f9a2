import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/*
 * Servers of other people as their documentation describes them: the paths that exist, what they answer, and how answers
 * end. They count words, and have no model.
 */

type Answer = (request: { readonly body: Record<string, unknown>; readonly url: URL }) => unknown

interface Behaviour {
  /** GET and POST paths that answer with JSON. */
  readonly paths: Readonly<Record<string, Answer>>
  /** Tokens after which an answer ends by itself, where `ignore_eos` is not known. */
  readonly ownEnd?: number
  readonly embeds?: boolean
}

/** The requests that a server received, by their paths. */
export interface OtherServer {
  readonly server: Server
  readonly bodies: Array<Record<string, unknown>>
}

const make = ({ embeds = false, ownEnd, paths }: Behaviour): OtherServer => {
  const bodies: Array<Record<string, unknown>> = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ""
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
    const url = new URL(request.url ?? "/", "http://x")
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>
    const own = paths[url.pathname]
    if (own !== undefined) return json(response, 200, own({ body, url }))
    if (request.method === "POST") bodies.push(body)
    if (url.pathname === "/v1/embeddings" && embeds) return json(response, 200, vectors(body))
    if ((url.pathname === "/v1/chat/completions" || url.pathname === "/v1/completions") && !embeds)
      return write(response, body, ownEnd)
    return json(response, 404, { error: "not found" })
  }
  return { server: createServer((request, response) => void answer(request, response)), bodies }
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

const wordsIn = (text: unknown): number => String(text).split(/\s+/).length

/** Vectors as lists of numbers, whatever form is requested: all four do that. */
const vectors = ({ input }: Record<string, unknown>) => {
  const texts = [input].flat().map(String)
  return {
    object: "list",
    data: texts.map((text, index) => ({
      object: "embedding",
      index,
      embedding: Array.from({ length: 8 }, (_, at) => Math.sin(text.length * 7 + text.charCodeAt(0) + at)),
    })),
    usage: { prompt_tokens: texts.reduce((sum, text) => sum + wordsIn(text), 0) },
  }
}

const write = async (
  response: ServerResponse,
  { ignore_eos: ignores, max_tokens: most = 16, messages, prompt }: Record<string, unknown>,
  ownEnd: number | undefined,
): Promise<void> => {
  const total = Math.min(Number(most), ownEnd === undefined || ignores === true ? Infinity : ownEnd)
  const event = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`)
  const choice = (content: string, finish_reason: string | null) =>
    messages === undefined ? { text: content, finish_reason } : { delta: { content }, finish_reason }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (let token = 0; token < total && !response.destroyed; token++) {
    event({ choices: [choice(`w${token} `, null)] })
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  event({ choices: [choice("", total < Number(most) ? "stop" : "length")] })
  const usage = { prompt_tokens: wordsIn(prompt ?? JSON.stringify(messages)), completion_tokens: total }
  event({ choices: [], usage })
  response.end("data: [DONE]\n\n")
}

const openAiList =
  (ids: ReadonlyArray<string>, more: object): Answer =>
  () => ({ object: "list", data: ids.map((id) => ({ id, object: "model", created: 1_700_000_000, ...more })) })

const TAGS = {
  models: [
    {
      name: "llama3.2:1b",
      model: "llama3.2:1b",
      size: 1_321_098_329,
      digest: "baf6a787fdffd633537aa2eb51cfd54cb93ff08e28040095462bb63daf552878",
      details: { format: "gguf", family: "llama", parameter_size: "1.2B", quantization_level: "Q8_0" },
    },
    {
      name: "all-minilm:latest",
      model: "all-minilm:latest",
      size: 45_960_996,
      digest: "1b226e2802dbb772b5fc32a58f103ca1804ef7501331012de126ab22f67475ef",
      details: { format: "gguf", family: "bert", parameter_size: "23M", quantization_level: "F16" },
    },
  ],
}

/** docs/api.md of Ollama: no `ignore_eos`, facts by /api/show, and the list that OpenAI's API has, too. */
export const fakeOllama = (ownEnd = 5): OtherServer =>
  make({
    ownEnd,
    paths: {
      "/api/version": () => ({ version: "0.13.5" }),
      "/api/generate": () => ({ done: true, done_reason: "load" }),
      "/api/tags": () => TAGS,
      "/api/show": ({ body }) =>
        body["model"] === "llama3.2:1b"
          ? {
              details: TAGS.models[0]!.details,
              model_info: {
                "general.architecture": "llama",
                "general.parameter_count": 1_235_814_432,
                "llama.context_length": 131_072,
                "llama.embedding_length": 2048,
                "llama.block_count": 16,
              },
              capabilities: ["completion", "tools"],
            }
          : {},
      "/v1/models": openAiList(
        TAGS.models.map(({ name }) => name),
        { owned_by: "library" },
      ),
    },
  })

/** The REST API of LM Studio: models that are downloaded, loaded or not; no version, no `ignore_eos`. */
export const fakeLmStudio = (ownEnd = 7): OtherServer =>
  make({
    ownEnd,
    paths: {
      "/api/v0/models": () => ({
        object: "list",
        data: [
          {
            id: "qwen2.5-0.5b-instruct",
            object: "model",
            type: "llm",
            publisher: "lmstudio-community",
            arch: "qwen2",
            compatibility_type: "gguf",
            quantization: "Q4_K_M",
            state: "loaded",
            max_context_length: 32_768,
          },
        ],
      }),
      "/v1/models": openAiList(["qwen2.5-0.5b-instruct"], { owned_by: "organization_owner" }),
    },
  })

/** The native API of SGLang: `ignore_eos` is known. */
export const fakeSglang = (): OtherServer =>
  make({
    ownEnd: 5,
    paths: {
      "/get_model_info": () => ({
        model_path: "qwen/qwen2.5-0.5b-instruct",
        tokenizer_path: "qwen/qwen2.5-0.5b-instruct",
        is_generation: true,
      }),
      "/get_server_info": () => ({ model_path: "qwen/qwen2.5-0.5b-instruct", dtype: "bfloat16", version: "0.5.9" }),
      "/v1/models": openAiList(["qwen/qwen2.5-0.5b-instruct"], { owned_by: "sglang", max_model_len: 32_768 }),
    },
  })

/** The API of Text Embeddings Inference: /info, and no list of models. */
export const fakeTei = (): OtherServer =>
  make({
    embeds: true,
    paths: {
      "/info": () => ({
        model_id: "BAAI/bge-small-en-v1.5",
        model_sha: "5c38ec7c405ec4b44b94cc5a9bb96e735b38267a",
        model_dtype: "float16",
        model_type: { embedding: { pooling: "cls" } },
        max_concurrent_requests: 512,
        max_input_length: 512,
        max_batch_tokens: 16_384,
        max_client_batch_size: 32,
        auto_truncate: false,
        version: "1.8.3",
      }),
    },
  })

/** The API of Text Generation Inference: /info, and OpenAI's chat. */
export const fakeTgi = (): OtherServer =>
  make({
    ownEnd: 6,
    paths: {
      "/info": () => ({
        model_id: "HuggingFaceTB/SmolLM2-135M-Instruct",
        model_sha: "12fd25f77366fa6b3b4b768ec3050bf629380bac",
        model_dtype: "torch.bfloat16",
        max_concurrent_requests: 128,
        max_input_tokens: 1024,
        max_total_tokens: 2048,
        version: "3.3.6",
        router: "text-generation-router",
      }),
    },
  })
