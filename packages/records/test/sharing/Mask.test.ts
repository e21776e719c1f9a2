import { assert, describe, it } from "@effect/vitest"
import { published } from "../../src/sharing/Mask.ts"

const NAMES = ["mjones", "wopr", "alice-laptop", "Acme Corp", "j_doe"]

describe("published", () => {
  it.each([
    ["user", "run by mjones at noon", "run by masked at noon"],
    ["user in an id", "20260101T000000Z-MJones-tune-1", "20260101T000000Z-masked-tune-1"],
    ["machine", "on WOPR.", "on masked."],
    ["name with a dash", "on alice-laptop:", "on masked:"],
    ["name with a space", "for ACME corp.", "for masked."],
    ["name with a line below", "j_doe", "masked"],
    ["name behind a break", '"no\\nmjones"', '"no\\nmasked"'],
    ["name behind a break that is quoted twice", '"{\\\\n\\\\tmjones\\\\"}"', '"{\\\\n\\\\tmasked\\\\"}"'],
    ["path behind one", '"no\\\\n/srv/acme/x"', '"no\\\\n…/x"'],
    ["server behind one", '"no\\\\nhttp://box.corp.example:1"', '"no\\\\nhttp://masked:1"'],
    ["account of a domain", '"ACME\\\\mjones"', '"ACME\\\\masked"'],
    ["path behind a break", '"no\\n/srv/acme/x"', '"no\\n…/x"'],
    ["server behind a break", '"no\\nhttp://box.corp.example:1"', '"no\\nhttp://masked:1"'],
    ["mail behind a break", '"no\\tjoe@corp.example"', '"no\\tmasked"'],
    ["folder of a person", "loading /home/other/models/x.gguf", "loading …/x.gguf"],
    ["home itself", '"cwd": "/Users/other"', '"cwd": "…/"'],
    ["path after a word", "refleaks.html/home/other/lib/a.py", "refleaks.html…/a.py"],
    ["path of a disk", '"path": "/srv/customers/acme/x.gguf"', '"path": "…/x.gguf"'],
    ["path below home", '"path": "~/customers/acme/x.gguf"', '"path": "…/x.gguf"'],
    ["Windows", '"C:\\\\Users\\\\other\\\\x.gguf"', '"…/x.gguf"'],
    ["address with a port", "tcp 10.1.2.3:8000 open", "tcp masked:8000 open"],
    ["private address", "peer 192.168.1.7 joined", "peer masked joined"],
    ["public address", "http://93.184.216.34/v1", "http://masked/v1"],
    ["IPv6", "at fd12:3456:789a::1", "at masked"],
    ["hardware address", "eth0 00:1a:2b:3c:4d:5e up", "eth0 masked up"],
    ["server", '"url": "https://llm.corp.example:8443/v1"', '"url": "https://masked:8443/v1"'],
    ["mail", "by someone@corp.example", "by masked"],
    ["token", "Authorization: Bearer hf_abcdefghijklmnopqrstuvwxyz012345", undefined],
  ])("masks a %s, once and for all", (_, text, expected) => {
    const made = published(text, NAMES)
    if (expected !== undefined) assert.strictEqual(made, expected)
    assert.notStrictEqual(made, text)
    assert.notInclude(made, "abcdefghijklmnopqrstuvwxyz012345")
    assert.strictEqual(published(made, NAMES), made)
  })

  it.each([
    '"libraries": {"nvidia-curand-cu12": "10.3.5.147", "torch": "2.13.0+cpu"}',
    "http://127.0.0.1:8080/v1/completions",
    '"base64": "/AAA/BBB/CCC+/ddd/eee=="',
    '"chunkMs": "/oh/ab/cd"',
    "15 tokens/s of 20 docs/s, 1/2 done",
    "~/.cache/rigbook/runtimes/llamacpp/bin/llama-server",
    '"startedAt": "2026-11-25T17:56:15.767Z"',
    "https://huggingface.co/owner/name",
    "wopra and amjones are other words",
    '{"mjones": 1, "wopr":2}',
    '"Option A:\\nThe next"',
  ])("leaves alone %s", (text) => {
    assert.strictEqual(published(text, NAMES), text)
  })

  it("knows folders of Windows in a log, which has no escapes", () => {
    assert.strictEqual(published("loading C:\\new\\x.gguf", NAMES, false), "loading …/x.gguf")
  })
})
