import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** How the fake server answers: everything is configured, and the same every time. */
export interface ServerBehaviour {
  /** The model's name; `fake` if left out. */
  readonly model?: string
  /** Milliseconds from each token to the next; 1 if left out. */
  readonly tokenMs?: number
  /** Maximum number of tokens generated, whatever was requested. */
  readonly atMost?: number
  /** Added to the tokens that `usage` counts. */
  readonly miscount?: number
  /** Prompt tokens reported as cached. */
  readonly cachedTokens?: number
  /** Tokens after which it becomes silent. */
  readonly hangsAfter?: number
  /** Tokens after which it cuts the connection. */
  readonly breaksAfter?: number
  /** Status and message of all answers except those to GET. */
  readonly refuses?: { readonly status: number; readonly message: string }
  /** Token that every request must have. */
  readonly bearer?: string
  /** Width of vectors; 8 if left out. */
  readonly dimensions?: number
  /** What it reports as its version, each time; none if left out. */
  readonly version?: () => string
  /** Who it says owns the model; nobody if left out. */
  readonly owner?: string
  /** Vectors that are left out of an answer. */
  readonly missingVectors?: number
}

interface Body {
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly messages?: ReadonlyArray<{ readonly content: string }>
  readonly prompt?: string
  readonly input?: ReadonlyArray<string>
}

/** An OpenAI-compatible server without a model: it counts words, and writes `w0 w1 w2 …`. Not listening yet. */
export const fakeServer = (behaviour: ServerBehaviour = {}): Server =>
  createServer((request, response) => void answer(behaviour, request, response))

const answer = async (
  behaviour: ServerBehaviour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { bearer, model = "fake", refuses } = behaviour
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
  if (bearer !== undefined && request.headers.authorization !== `Bearer ${bearer}`)
    return json(response, 401, { error: { message: "no such key" } })
  if (request.method === "GET") return json(response, 200, described(request.url, model, behaviour))
  if (refuses !== undefined) return json(response, refuses.status, { error: { message: refuses.message } })
  const body = JSON.parse(text) as Body
  if (request.url === "/v1/embeddings") return json(response, 200, vectorsOf(behaviour, body.input ?? []))
  if (request.url !== "/v1/completions" && request.url !== "/v1/chat/completions")
    return json(response, 404, { error: { message: `no route ${request.url}` } })
  await write(behaviour, body, response)
}

const described = (url: string | undefined, model: string, { owner, version }: ServerBehaviour): object => {
  if (url === "/v1/models")
    return { data: [{ id: model, object: "model", ...(owner === undefined ? {} : { owned_by: owner }) }] }
  return url === "/version" && version !== undefined ? { version: version() } : {}
}

const json = (response: ServerResponse, status: number, value: object): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length

const vectorsOf = ({ dimensions = 8, missingVectors = 0 }: ServerBehaviour, texts: ReadonlyArray<string>) => ({
  data: texts.slice(missingVectors).map((text, index) => ({
    index,
    embedding: Buffer.from(Float32Array.from({ length: dimensions }, (_, at) => sumOf(text) + at).buffer).toString(
      "base64",
    ),
  })),
  usage: { prompt_tokens: wordsIn(texts.join(" ")) },
})

/** A different one for most different texts. */
const sumOf = (text: string): number =>
  new TextEncoder().encode(text).reduce((sum, byte, at) => sum + (at + 1) * byte, 0)

/** One event per token, then the count. */
const write = async (behaviour: ServerBehaviour, body: Body, response: ServerResponse): Promise<void> => {
  const { atMost = Infinity, breaksAfter, cachedTokens = 0, hangsAfter, miscount = 0, tokenMs = 1 } = behaviour
  const requested = body.max_tokens ?? 16
  const total = Math.min(requested, atMost)
  const event = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`)
  const choice = (content: string, finish_reason: string | null) =>
    body.messages === undefined ? { text: content, finish_reason } : { delta: { content }, finish_reason }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (let token = 0; token < total; token++) {
    if (token === hangsAfter || response.destroyed) return
    if (token === breaksAfter) return void response.destroy()
    event({ choices: [choice(`w${token} `, null)] })
    await new Promise((resolve) => setTimeout(resolve, tokenMs))
  }
  event({ choices: [choice("", total < requested ? "stop" : "length")] })
  const prompt = body.prompt ?? body.messages?.map(({ content }) => content).join(" ") ?? ""
  event({
    choices: [],
    usage: {
      prompt_tokens: wordsIn(prompt),
      completion_tokens: total + miscount,
      prompt_tokens_details: { cached_tokens: cachedTokens },
    },
  })
  response.end("data: [DONE]\n\n")
}
