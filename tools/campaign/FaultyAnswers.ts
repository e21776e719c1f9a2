import type { IncomingMessage, ServerResponse } from "node:http"

/** How a server answers one path, from its nth request on. */
export interface Lie {
  readonly to: (typeof TARGETS)[number]
  readonly how: (typeof LIES)[number]
  readonly from: number
}

export const TARGETS = ["/v1/models", "/v1/chat/completions", "/v1/embeddings", "/version", "other"] as const

export const LIES = [
  "endless",
  "endless-line",
  "silent",
  "slow",
  "cut",
  "reset",
  "garbage",
  "no-http",
  "large-head",
  "interim",
  "wrong-length",
  "redirect",
  "refused",
  "busy",
  "echo",
  "html",
  "deep",
  "wrong-types",
  "control",
  "polluting",
  "bad-utf8",
  "packed",
  "negative",
  "no-usage",
  "other-version",
  "empty",
] as const

/** Whoever follows a redirect comes here: its figures belong to nobody. */
export const STRANGER_TOKENS = 777_777

const endless = (response: ServerResponse, part: string): void => {
  const more = (): void => {
    while (!response.destroyed && response.write(part));
    if (!response.destroyed) response.once("drain", more)
  }
  more()
  setTimeout(() => response.destroy(), 20_000).unref()
}

const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))

export const events = (response: ServerResponse, list: ReadonlyArray<unknown>): void => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const one of list) response.write(`data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`)
  response.end()
}

const WRONG: ReadonlyArray<unknown> = [
  null,
  [],
  1,
  "x",
  { data: 1 },
  { data: [null] },
  { data: [{ id: {} }] },
  { choices: {} },
]
const ODD = "\u001b[31mred\u001b]0;title\u0007\u202e<img src=x onerror=alert(1)>"

type Answer = (response: ServerResponse, request: IncomingMessage, count: number, stranger: string) => void

export const ANSWERS: Readonly<Record<Lie["how"], Answer>> = {
  endless: (response) => endless(response.writeHead(200, { "content-type": "application/json" }), " ".repeat(65_536)),
  "endless-line": (response) =>
    endless(response.writeHead(200, { "content-type": "text/event-stream" }), `data: ${"x".repeat(65_536)}`),
  silent: () => {},
  slow: (response) => {
    response.writeHead(200, { "content-type": "application/json" })
    const timer = setInterval(() => response.write(" "), 100)
    response.on("close", () => clearInterval(timer))
  },
  cut: (response) => {
    response.writeHead(200, { "content-length": 1000 }).write('{"data": [')
    setTimeout(() => response.destroy(), 5)
  },
  reset: (response) => void response.socket?.resetAndDestroy(),
  garbage: (response) => void response.end(Buffer.from(Array.from({ length: 999 }, (_, at) => (at * 37) % 256))),
  "no-http": (response) => void response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n\u0000\u0001"),
  "large-head": (response) => {
    response.socket?.write(`HTTP/1.1 200 OK\r\n${"X-Filler: y\r\n".repeat(50_000)}\r\n{}`)
    response.socket?.end()
  },
  interim: (response) => {
    response.socket?.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5_000))
    json(response, {})
  },
  "wrong-length": (response) => {
    response.socket?.write(
      'HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\ncontent-type: application/json\r\n\r\n{"data":',
    )
    response.socket?.end()
  },
  redirect: (response, { url }, _count, stranger) =>
    void response.writeHead(307, { location: `${stranger}${url}` }).end(),
  refused: (response) => json(response, { error: { message: ODD, code: 418 } }, 418),
  busy: (response) => void response.writeHead(503, { "retry-after": "0" }).end("Loading model"),
  // By itself and as it was sent: the second has a form that is masked anywhere.
  echo: (response, { headers: { authorization: key = "" } }) =>
    json(response, { error: { message: `no key ${key.replace("Bearer ", "")}`, key } }, 401),
  html: (response) =>
    void response.writeHead(200, { "content-type": "text/html" }).end(`<html><script>1</script>${ODD}</html>`),
  deep: (response) => void response.end(`{"data":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
  "wrong-types": (response, _request, count) => json(response, WRONG[count % WRONG.length]),
  control: (response) =>
    json(response, {
      data: [{ id: ODD, owned_by: ODD, object: "model" }],
      version: ODD,
      choices: [{ text: ODD, delta: { content: ODD }, finish_reason: ODD }],
    }),
  polluting: (response) =>
    void response.end('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
  "bad-utf8": (response) => void response.end(Buffer.from([0x22, 0xc3, 0x28, 0xf0, 0x9f, 0x22])),
  packed: (response) =>
    void response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.from("1f8b0800", "hex")),
  negative: (response) =>
    events(response, [
      { choices: [{ delta: { content: "a" }, text: "a", finish_reason: null }] },
      { choices: [], usage: { prompt_tokens: -5, completion_tokens: 1e300, total_tokens: "x" } },
      "[DONE]",
    ]),
  "no-usage": (response) =>
    events(response, [{ choices: [{ delta: { content: "a" }, text: "a", finish_reason: "length" }] }, "[DONE]"]),
  "other-version": (response, { headers, url }, count) =>
    json(
      response,
      url === "/version" ? { version: `${count}.0.0` } : { data: [{ id: `m${count}-${headers.host?.length}` }] },
    ),
  empty: (response) => void response.end(),
}
