import { assert, describe, it } from "@effect/vitest"
import { parse } from "../src/Parse.ts"

describe("parse", () => {
  it.each([
    [["init"], { command: "init", folder: ".", json: false }],
    [["init", "rig", "--json"], { command: "init", folder: "rig", json: true }],
    [["add", "m.gguf"], { command: "add", model: "m.gguf", name: undefined, served: undefined, json: false }],
    [["add", "m", "--name", "x", "--json"], { command: "add", model: "m", name: "x", served: undefined, json: true }],
    [["doctor"], { command: "doctor", json: false }],
    [["setup", "llamacpp"], { command: "setup", backends: ["llamacpp"], build: undefined, json: false }],
    [
      ["setup", "llamacpp", "--build", "cuda"],
      { command: "setup", backends: ["llamacpp"], build: "cuda", json: false },
    ],
    [
      ["run"],
      {
        command: "run",
        configs: [],
        filter: undefined,
        fresh: false,
        keepGoing: false,
        rounds: 1,
        on: undefined,
        setup: false,
        events: false,
        json: false,
      },
    ],
    [
      ["run", "a", "b", "--fresh", "--keep-going", "--setup", "--filter", "cpu"],
      {
        command: "run",
        configs: ["a", "b"],
        filter: "cpu",
        fresh: true,
        keepGoing: true,
        rounds: 1,
        on: undefined,
        setup: true,
        events: false,
        json: false,
      },
    ],
    [
      ["run", "--events"],
      {
        command: "run",
        configs: [],
        filter: undefined,
        fresh: false,
        keepGoing: false,
        rounds: 1,
        on: undefined,
        setup: false,
        events: true,
        json: false,
      },
    ],
    [
      ["tune", "m", "--kld", "0.05", "--memory", "24GiB", "--vary", "threads=2,4", "--vary", "ubatch", "--plan"],
      {
        command: "tune",
        model: "m",
        decode: undefined,
        ttft: undefined,
        kld: 0.05,
        memory: "24GiB",
        context: undefined,
        streams: undefined,
        output: undefined,
        prefer: undefined,
        vary: ["threads=2,4", "ubatch"],
        plan: true,
        json: false,
      },
    ],
    [["worker"], { command: "worker", records: undefined }],
    [["worker", "--records", "r"], { command: "worker", records: "r" }],
    [["runs", "--json"], { command: "runs", json: true }],
    [["show", "x"], { command: "show", record: "x", json: false }],
    [["card", "x"], { command: "card", record: "x" }],
    [["report", "x", "y"], { command: "report", records: ["x", "y"], format: "markdown", json: false }],
    [["report", "x", "--format", "csv"], { command: "report", records: ["x"], format: "csv", json: false }],
    [
      ["compare", "a", "b", "--gate", "--junit", "out.xml", "--threshold", "5"],
      {
        command: "compare",
        a: "a",
        b: "b",
        gate: true,
        across: undefined,
        metrics: undefined,
        threshold: 5,
        junit: "out.xml",
        markdown: undefined,
        json: false,
      },
    ],
    [["dataset"], { command: "dataset", loader: undefined, part: undefined, json: false }],
    [["dataset", "udhr", "eng-spa"], { command: "dataset", loader: "udhr", part: "eng-spa", json: false }],
    [["import", "a.json"], { command: "import", files: ["a.json"], model: undefined, json: false }],
    [["derive"], { command: "derive", records: [], check: false, json: false }],
    [["derive", "x", "--check", "--json"], { command: "derive", records: ["x"], check: true, json: true }],
    [["verify"], { command: "verify", records: [], json: false }],
    [["verify", "x", "--json"], { command: "verify", records: ["x"], json: true }],
    [["registry", "--check"], { command: "registry", check: true, release: false, json: false }],
    [["registry", "--release"], { command: "registry", check: false, release: true, json: false }],
    [["plugin", "list"], { command: "plugin list", json: false }],
    [["plugin", "new", "a"], { command: "plugin new", name: "a", kind: "backend", task: "generate", json: false }],
    [
      ["plugin", "new", "a", "--kind", "metric"],
      { command: "plugin new", name: "a", kind: "metric", task: "generate", json: false },
    ],
    [["plugin", "check"], { command: "plugin check", plugin: ".", json: false }],
    [["plugin", "check", "../a", "--json"], { command: "plugin check", plugin: "../a", json: true }],
    [["serve"], { command: "serve", port: 0, json: false }],
    [["serve", "--port", "8020", "--json"], { command: "serve", port: 8020, json: true }],
    [["schema"], { command: "schema", file: undefined }],
    [["schema", "order"], { command: "schema", file: "order" }],
    [["schema", "record"], { command: "schema", file: "record" }],
  ] as const)("%j", async (args, action) => {
    assert.deepStrictEqual(await parse(args), action as never)
  })

  it.each([[["--help"]], [["--version"]], [["run", "--help"]]])("%j is all said with exit code 0", async (args) => {
    assert.strictEqual(await parse(args), 0)
  })

  it.each([
    [["run", "--frsh"]],
    [["worker", "order.json"]],
    [["rnu"]],
    [["show"]],
    [["card"]],
    [["add"]],
    [["compare"]],
    [["import"]],
    [["run", "--rounds", "0"]],
    [["report"]],
    [["plugin", "new"]],
    [["plugin", "new", "a", "--kind", "engine"]],
    [["schema", "nothing"]],
    [["serve", "--port", "70000"]],
  ])("%j is a usage error", async (args) => {
    assert.strictEqual(await parse(args), 2)
  })
})
