import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ModelConfig } from "@rigbook/core"
import { Effect, Result, Schema } from "effect"
import { decodeAt, parseConfigFile, readConfigFile } from "../../src/workspace/ConfigFile.ts"
import { ConfigError, formatIssue } from "../../src/workspace/ConfigIssue.ts"
import { CONFIG, issuesOf } from "./issuesOf.ts"

const EXPECTED_KEYS =
  "expected keys with values (name, family, task, license, planned, hosts, source, backends, placement, scenarios, protocol)"

/** Texts, and all that is said of each. */
const WRONG: Record<string, readonly [text: string, ...said: ReadonlyArray<string>]> = {
  "an unknown key": [`${CONFIG}protocl: {}\n`, '8:1: protocl: unknown key; did you mean "protocol"?'],
  "an unknown key like no other": [
    `${CONFIG}protocol: { colour: 1 }\n`,
    "8:13: protocol.colour: unknown key; available: warmup, trials, openTimeoutMs, requestTimeoutMs, stallTimeoutMs, firstTokenTimeoutMs",
  ],
  "a wrong type": [CONFIG.replace("Demo", "[1]"), "1:1: name: expected a text, found [1]"],
  "a value that is not one of few": [
    CONFIG.replace("generate", "embedd"),
    '2:7: task: expected "generate" or "embed", found "embedd"; did you mean "embed"?',
  ],
  "a missing key": [CONFIG.replace("name: Demo\n", ""), "1:1: name: is missing"],
  "a value left empty": [CONFIG.replace("Demo", ""), "1:7: name: expected a text, found nothing"],
  "an empty text": [CONFIG.replace("Demo", "''"), '1:7: name: expected a non-empty text, found ""'],
  "values out of bounds": [
    `${CONFIG}protocol:\n  trials: 0\n  warmup: -1\n  openTimeoutMs: .inf\n  stallTimeoutMs: '5'\n`,
    "10:11: protocol.warmup: expected a value greater than or equal to 0, found -1",
    "9:11: protocol.trials: expected a value greater than 0, found 0",
    "11:18: protocol.openTimeoutMs: expected a finite number, found Infinity",
    '12:19: protocol.stallTimeoutMs: expected a number, found "5"',
  ],
  "several things in several places": [
    "task: generate\nsource:\n  path: 7\nbackends: [fake]\nscenarios:\n- kind: batch\n  prompts: p\n  documents: 0\n  batchSize: 1\n",
    "1:1: name: is missing",
    "3:9: source.path: expected a text, found 7",
    '4:1: backends: expected keys with values, found ["fake"]',
    "8:14: scenarios[0].documents: expected a value greater than 0, found 0",
  ],
  "an empty file": ["", `1:1: ${EXPECTED_KEYS}, found nothing`],
  "a file of comments": ["# nothing here\n", `1:1: ${EXPECTED_KEYS}, found nothing`],
  "a list instead of a map": ["- a\n- b\n", `1:1: ${EXPECTED_KEYS}, found ["a","b"]`],
  "a text instead of a map": ["hello", `1:1: ${EXPECTED_KEYS}, found "hello"`],
  "broken YAML": [
    "name: [1, 2\ntask: generate\n",
    "2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  "a tab": ["name: a\nsource:\n\tpath: b\n", "3:1: not valid YAML: Tabs are not allowed as indentation"],
  "a key twice": [`${CONFIG}name: Again\n`, "8:1: this key is a duplicate"],
  "two documents": [`${CONFIG}---\n${CONFIG}`, "8:1: a second document starts here; a config is one document"],
  "an alias without an anchor": [
    "name: *nobody\n",
    "1:1: its aliases (*) can't be resolved: Unresolved alias (the anchor must be set before the alias): nobody",
  ],
  "an alias inside its own anchor": [
    "name: &loop [*loop]\n",
    "1:1: its aliases (*) can't be resolved: one is inside its own anchor (&)",
  ],
}

describe("a config file", () => {
  it("is fine when nothing is wrong", () => {
    assert.deepStrictEqual(issuesOf(CONFIG, ModelConfig), [])
    assert.deepStrictEqual(issuesOf(CONFIG.replaceAll("\n", "\r\n"), ModelConfig), [])
    assert.deepStrictEqual(issuesOf(`\u{feff}# first\n${CONFIG}`, ModelConfig), [])
    assert.deepStrictEqual(issuesOf(`${CONFIG}placement: &here [cpu]\n`, ModelConfig), [])
  })

  for (const [what, [text, ...said]] of Object.entries(WRONG))
    it(`points at ${what}`, () => {
      assert.deepStrictEqual(
        issuesOf(text, ModelConfig),
        said.map((line) => `demo.yaml:${line}`),
      )
    })

  it("refuses what would take long to parse, by its place", () => {
    const said = (text: string) => parseConfigFile(text, "x.yaml").syntax.map(formatIssue)
    const nested = "lists and maps are nested more than 64 deep here; use fewer"
    assert.deepStrictEqual(said(`a: 1\nb: ${"[".repeat(100_000)}`), [`x.yaml:2:68: ${nested}`])
    assert.deepStrictEqual(said(`${"[".repeat(64)}${"]".repeat(64)}`), [])
    for (const open of ["- ", "? ", "{ a: ", "[{ "])
      assert.match(said(`a: 1\n${open.repeat(10_000)}`)[0]!, /^x\.yaml:2:\d+: .*more than 64 deep/)
    // Text in quotes or in a block is no list.
    assert.deepStrictEqual(said(`a: "${"[".repeat(1000)}"\nb: |\n  ${"[".repeat(1000)}\n`), [])
    for (const mark of ["*x", "&x", "!!x"])
      assert.match(said(`a: [${`${mark} 1, `.repeat(10_000)}]`)[0]!, /^x\.yaml:1:\d+: more than 200 anchors/)
    assert.lengthOf(said("a: b: c\n".repeat(10_000)), 50)
    assert.deepStrictEqual(said("a: { b: 1, c: [{ d: 1, d: 2 }], b: 2 }\na: 3\n"), [
      "x.yaml:1:24: this key is a duplicate",
      "x.yaml:1:33: this key is a duplicate",
      "x.yaml:2:1: this key is a duplicate",
    ])
  })

  it("reports the first 50 of many problems", () => {
    assert.lengthOf(issuesOf(Array.from({ length: 1000 }, (_, at) => `k${at}: 1\n`).join(""), ModelConfig), 50)
  })

  it("unfolds aliases, but not without end", () => {
    const file = parseConfigFile("a: &x [1, 2]\nb: *x\n", "x.yaml")
    assert.deepStrictEqual(file.value, { a: [1, 2], b: [1, 2] })
    const nine = (name: string) => `[${Array.from({ length: 9 }, () => `*${name}`).join(", ")}]`
    const letters = "abcdefghijk"
    const bomb = letters.split("").map((key, at) => `${key}: &${key} ${at === 0 ? "[lol]" : nine(letters[at - 1]!)}`)
    const [issue, ...more] = parseConfigFile(bomb.join("\n"), "x.yaml").syntax
    assert.deepStrictEqual(more, [])
    assert.match(issue!.message, /^its aliases \(\*\) can't be resolved: /)
  })

  it("shortens long values", () => {
    const [line] = issuesOf(CONFIG.replace("Demo", `[${"'some text', ".repeat(50)}]`), ModelConfig)
    assert.match(line!, /^demo\.yaml:1:1: name: expected a text, found \["some text",.{30,50}…$/)
  })

  it("points at the place inside the document when it decodes a part", () => {
    const file = parseConfigFile("backends:\n  fake:\n    threads: many\n", "demo.yaml")
    const decoded = decodeAt(file, ["backends", "fake"], Schema.Struct({ threads: Schema.Int }), { threads: "many" })
    assert.deepStrictEqual(Result.isFailure(decoded) ? decoded.failure.map(formatIssue) : [], [
      'demo.yaml:3:14: backends.fake.threads: expected a number, found "many"',
    ])
  })

  it("names a key that the document does not have by its nearest parent", () => {
    const file = parseConfigFile("backends:\n  fake:\n", "demo.yaml")
    assert.deepInclude(file.issue(["backends", "fake", "deep", 3], "is odd"), {
      line: 2,
      path: "backends.fake.deep[3]",
    })
    assert.deepInclude(parseConfigFile("", "demo.yaml").issue(["a"], "is odd"), { line: 1, column: 1 })
  })

  it.layer(NodeServices.layer)((it) => {
    it.effect("is an issue itself when it is not there", () =>
      Effect.gen(function* () {
        const { syntax } = yield* readConfigFile("/nowhere/demo.yaml", "demo.yaml")
        assert.deepStrictEqual(syntax.map(formatIssue), ["demo.yaml:1:1: the file does not exist"])
      }),
    )
  })
})

describe("ConfigError", () => {
  it("says all its issues, a line each", () => {
    const at = { file: "a.yaml", line: 1, column: 2, path: "x" }
    const error = new ConfigError({
      issues: [
        { ...at, message: "one" },
        { ...at, path: "", message: "two" },
      ],
    })
    assert.strictEqual(error.message, "a.yaml:1:2: x: one\na.yaml:1:2: two")
  })
})
