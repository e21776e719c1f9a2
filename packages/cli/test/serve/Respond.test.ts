import { assert, describe, it } from "@effect/vitest"
import { answerOf, PAGE_PATH } from "../../src/serve/Respond.ts"

const FILES = new Set(["/benchmarks/results/raw/one/record.json", "/models/notes/ein modell.md"])
const requested = (url: string, host: string | undefined = "127.0.0.1:8020", method = "GET") =>
  answerOf({ host, method, url }, FILES)

describe("answerOf", () => {
  it("leads from the root to the page, and has its data and events beside it", () => {
    assert.deepStrictEqual(requested("/"), { kind: "redirect", to: PAGE_PATH })
    assert.deepStrictEqual(requested(`${PAGE_PATH}?x=1`), { kind: "page" })
    assert.deepStrictEqual(requested("/models/data.json"), { kind: "state" })
    assert.deepStrictEqual(requested("/models/events"), { kind: "events" })
  })

  it("has the files that the page links to, as they are linked", () => {
    assert.deepStrictEqual(requested("/benchmarks/results/raw/one/record.json"), {
      kind: "file",
      path: "benchmarks/results/raw/one/record.json",
    })
    assert.deepStrictEqual(requested("/models/notes/ein%20modell.md"), {
      kind: "file",
      path: "models/notes/ein modell.md",
    })
  })

  it.each([
    "/etc/passwd",
    "/../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/benchmarks/results/raw/one/../two/record.json",
    "/benchmarks/results/raw/one/%2e%2e/one/record.json",
    "/benchmarks/results/raw/one/samples.ndjson",
    "//benchmarks/results/raw/one/record.json",
    "/benchmarks\\results\\raw\\one\\record.json",
    "/models/registry.html/../../rigbook.yaml",
    "/%00",
    "/%",
    "http://127.0.0.1/etc/passwd",
    "",
  ])("has nothing else: %j", (url) => {
    assert.include(requested(url), { kind: "refused", status: 404 })
  })

  it.each(["rebound.example", "rebound.example:8020", "127.0.0.1.rebound.example", "localhost.example", "", undefined])(
    "answers to no name but its own: %j",
    (host) => {
      for (const url of ["/", PAGE_PATH, "/models/data.json", "/models/events"])
        assert.include(answerOf({ host, method: "GET", url }, FILES), { kind: "refused", status: 421 })
    },
  )

  it.each(["127.0.0.1:1", "localhost", "LOCALHOST:8020", "[::1]:8020"])(
    "answers to %j, through tunnels too",
    (host) => {
      assert.deepStrictEqual(requested(PAGE_PATH, host), { kind: "page" })
    },
  )

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])("takes nothing: %s", (method) => {
    assert.include(requested(PAGE_PATH, "localhost", method), { kind: "refused", status: 405 })
  })
})
