import { fakeServer, type ServerBehaviour } from "@rigbook/testkit"
import { afterEach, assert, describe, it } from "vitest"
import { readdirSync, readFileSync, statSync } from "node:fs"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const TOKEN = "made-up.word/1"
const OTHER = "another made-up word"
const ENV = { OWN_SERVER: TOKEN, OPENAI_API_KEY: OTHER }
/** A terminal's title and colours, a C1 control, a mark of direction, a lone carriage return. */
const STEERING = "\u001B]0;title\u0007\u001B[31m\u009B2J\u202Egnp\rx"

const servers: Array<Server> = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

const serving = async (behaviour: ServerBehaviour): Promise<string> => {
  const server = fakeServer(behaviour)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const config = (openai: string): string => `name: Words
task: generate
source:
  synthetic:
    { format: gguf, architecture: llama, layers: 1, hiddenSize: 64, feedForward: 128, heads: 2, vocabulary: 512,
      contextLength: 2048, quantization: F16 }
backends:
  openai: ${openai}
scenarios: [{ kind: latency, prompts: brief, requests: 1, outputTokens: 4 }]
protocol: { warmup: 0, trials: 2 }
`

const workspace = (openai: string): string =>
  writeWorkspace(temporaryFolder(), { "models/configs/a.yaml": config(openai) })

/** All that commands printed and wrote. */
const everything = async (root: string, ...commands: ReadonlyArray<ReadonlyArray<string>>) => {
  const texts = new Map<string, string>()
  for (const args of commands) {
    const { stderr, stdout } = await rigbook(root, args, ENV)
    texts.set(`rigbook ${args.join(" ")}`, `${stdout}\n${stderr}`)
  }
  for (const path of readdirSync(root, { recursive: true, encoding: "utf8" }))
    if (statSync(join(root, path)).isFile() && path !== "models/configs/a.yaml")
      texts.set(path, readFileSync(join(root, path), "utf8"))
  return texts
}

const assertClean = (texts: ReadonlyMap<string, string>): void => {
  assert.isTrue([...texts.keys()].some((name) => name.endsWith("record.json")))
  for (const [name, text] of texts) {
    for (const secret of [TOKEN, encodeURIComponent(TOKEN), OTHER]) assert.notInclude(text, secret, name)
    // oxlint-disable-next-line no-control-regex -- what steers a terminal must not be there.
    if (!name.endsWith(".html")) assert.notMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/, name)
    assert.notInclude(text, "\\u001b", name)
  }
}

describe("a server that repeats tokens and steers terminals", () => {
  it("is measured, and neither is in anything that is printed or written", async () => {
    const said = `${STEERING} ${TOKEN} ${OTHER}`
    const url = await serving({ model: `m ${said}`, owner: `o ${said}`, version: () => `1 ${said}`, bearer: TOKEN })
    const root = workspace(`{ url: "${url}", tokenEnv: OWN_SERVER }`)
    const texts = await everything(
      root,
      ["plan"],
      ["run"],
      ["show", "a"],
      ["run", "--fresh", "--events"],
      ["runs", "--json"],
    )
    assert.include(texts.get("rigbook show a"), "m ")
    assertClean(texts)
  })

  it("may refuse", async () => {
    const message = `${STEERING} no ${TOKEN}, ${encodeURIComponent(TOKEN)} or ${OTHER}`
    const url = await serving({ refuses: { status: 500, message } })
    const texts = await everything(workspace(`{ url: "${url}", tokenEnv: OWN_SERVER }`), ["run"], ["plan", "--json"])
    assert.include(texts.get("rigbook run"), "HTTP 500")
    assertClean(texts)
  })
})

const SECRET = [
  `{ url: "http://:made-up@127.0.0.1:9" }`,
  `{ url: "http://me:made/up@127.0.0.1:9" }`,
  `{ url: "http://127.0.0.1:9/v1?api_key=made-up" }`,
  `{ url: "http://127.0.0.1:9", tokenEnv: made-up }`,
  `{ url: "http://127.0.0.1:9", tokenEnv: hf_madeupMadeup12 }`,
  `{ url: "http://127.0.0.1:9", body: { extra: [{ "Api-Key": made-up }] } }`,
  `{ url: "http://127.0.0.1:9", headers: { Authorization: "Bearer made-up" } }`,
]

describe("configs with secrets", () => {
  it("end every command, and none is repeated", async () => {
    const files = SECRET.map((openai, at) => [`models/configs/${at}.yaml`, config(openai)] as const)
    const root = writeWorkspace(temporaryFolder(), Object.fromEntries(files))
    for (const args of [["run"], ["plan", "--json"], ["registry"]]) {
      const { exitCode, stderr, stdout } = await rigbook(root, args)
      if (args[0] !== "registry") {
        assert.strictEqual(exitCode, 2, stderr)
        for (const [path] of files) assert.include(stdout + stderr, `${path}:8:`, args.join(" "))
      }
      assert.notMatch(stdout + stderr, /made.?up/i, args.join(" "))
    }
  })
})
