import { assert, describe, it } from "@effect/vitest"
import { ModelConfig, rungsOf, SCENARIO_SETS, scenarioName } from "@rigbook/core"
import { Result } from "effect"
import { decodeAt, parseConfigFile } from "../../src/workspace/ConfigFile.ts"
import { formatIssue } from "../../src/workspace/ConfigIssue.ts"
import { variantsOf } from "../../src/workspace/Variants.ts"

const HASH = "a".repeat(64)

/** A family with everything that one can have. */
const FAMILY = `name: Model
task: generate
license: MIT
weights:
  q4: { path: ../q4.gguf, sha256: ${HASH} }
  q8: { quantized: { from: q4, to: Q8_0 } }
backends:
  llamacpp: { context: 2048 }
scenarios: standard
protocol: { trials: 5 }
variants:
  base: { weights: q4 }
  q8:
    name: Model Q8_0
    weights: q8
    sweep: { llamacpp: { flashAttention: ["on", "off"], parallel: [1, 2] } }
  cuda:
    weights: q4
    placement: [cpu, "cuda:0"]
    scenarios: [{ kind: latency, prompts: short-chat }, standard]
`

const read = (text: string, id = "model") =>
  variantsOf(parseConfigFile(text, "model.yaml"), id).map(({ file, id: name }) => {
    const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], ModelConfig, file.value)
    return { id: name, decoded, file }
  })
const configs = (text: string) =>
  read(text).map(({ decoded, id }) => ({ id, ...Result.getOrThrowWith(decoded, (issues) => issues.map(formatIssue)) }))
const said = (text: string) =>
  read(text).flatMap(({ decoded }) => (Result.isFailure(decoded) ? decoded.failure.map(formatIssue) : []))

describe("the variants of a file", () => {
  it("are configs with names of their own, which are one family", () => {
    assert.deepStrictEqual(
      configs(FAMILY).map(({ family, id, name }) => [id, name, family]),
      [
        ["model", "Model", "Model"],
        ["model-q8-flashattention-on-parallel-1", "Model Q8_0, flashAttention on, parallel 1", "Model"],
        ["model-q8-flashattention-on-parallel-2", "Model Q8_0, flashAttention on, parallel 2", "Model"],
        ["model-q8-flashattention-off-parallel-1", "Model Q8_0, flashAttention off, parallel 1", "Model"],
        ["model-q8-flashattention-off-parallel-2", "Model Q8_0, flashAttention off, parallel 2", "Model"],
        ["model-cuda", "Model, cuda", "Model"],
      ],
    )
  })

  it("have what the file has, and their own keys in its place", () => {
    const [base, , swept, , , cuda] = configs(FAMILY)
    const path = { path: "../q4.gguf", sha256: HASH }
    assert.deepStrictEqual([base?.source, swept?.source], [path, { quantized: { from: path, to: "Q8_0" } }])
    assert.deepStrictEqual(base?.backends, { llamacpp: { context: 2048 } })
    assert.deepStrictEqual(swept?.backends, { llamacpp: { context: 2048, flashAttention: "on", parallel: 2 } })
    assert.deepStrictEqual([base?.placement, cuda?.placement], ["auto", ["cpu", "cuda:0"]])
    assert.deepStrictEqual([base?.license, cuda?.protocol.trials], ["MIT", 5])
    assert.lengthOf(cuda!.scenarios, 1 + SCENARIO_SETS.standard.generate.length)
  })

  it("measure the loss against one of the weights, by its name", () => {
    const loss = (reference: string) =>
      FAMILY.replace(
        "scenarios: standard",
        `scenarios: [standard, { kind: quality, measure: kld, prompts: p, reference: ${reference} }]`,
      )
    const path = { path: "../q4.gguf", sha256: HASH }
    const references = (text: string) =>
      configs(text).map(({ scenarios }) => scenarios.flatMap((one) => ("reference" in one ? [one.reference] : [])))
    // The variant with scenarios of its own has none.
    assert.deepStrictEqual(references(loss("q4")), [...Array.from({ length: 5 }, () => [path]), []])
    assert.deepStrictEqual(references(loss("q8"))[0], [{ quantized: { from: path, to: "Q8_0" } }])
    assert.match(said(loss("q5"))[0]!, /^model\.yaml:9:77: scenarios\[1\]\.reference: unknown weights "q5"/)
    // What is wrong with the source is wrong where it is named.
    const wrong = loss("q4").replace(HASH, "short")
    assert.isTrue(
      said(wrong).every((issue) => issue.startsWith("model.yaml:5:")),
      said(wrong).join("\n"),
    )
  })

  it("have the scenarios of a plugin's set, of their task alone", () => {
    const crowd = { generate: [{ kind: "latency", prompts: "short-chat", outputTokens: 7 }] }
    const shown = (task: string, name: string) =>
      variantsOf(parseConfigFile(`task: ${task}\nscenarios: ${name}\n`, "m.yaml"), "m", { crowd }).map(({ file }) =>
        file.syntax.length > 0 ? file.syntax.map(({ line, message }) => `${line}: ${message}`) : file.value,
      )
    assert.deepStrictEqual(shown("generate", "crowd"), [{ task: "generate", scenarios: crowd.generate }])
    assert.deepStrictEqual(shown("embed", "crowd"), [['2: the set of scenarios "crowd" has none to embed']])
    assert.deepStrictEqual(shown("generate", "crowed"), [
      ['2: unknown set of scenarios "crowed"; did you mean "crowd"?'],
    ])
  })

  it("are the weights where none is named, and the combinations of a sweep", () => {
    const weights = "weights: { q4: { path: a.gguf }, q8: { path: b.gguf } }\n"
    const rest = "name: M\ntask: generate\nbackends: { llamacpp: {} }\nscenarios: standard\n"
    assert.deepStrictEqual(
      configs(weights + rest).map(({ id, source }) => [id, source]),
      [
        ["model-q4", { path: "a.gguf" }],
        ["model-q8", { path: "b.gguf" }],
      ],
    )
    assert.deepStrictEqual(
      configs(`${rest}source: { path: a.gguf }\nsweep: { llamacpp: { context: [1, 2] } }\n`).map(({ id }) => id),
      ["model-context-1", "model-context-2"],
    )
  })

  it("are at most 1,000, however many values are swept", () => {
    const values = JSON.stringify(Array.from({ length: 40 }, (_, index) => index))
    const options = Array.from({ length: 30 }, (_, index) => `option${index}: ${values}`).join(", ")
    const bomb = (where: string) =>
      FAMILY.replace(/^variants:[^]*/m, where.replace("SWEEP", `sweep: { llamacpp: { ${options} } }`))
    assert.match(said(bomb("SWEEP"))[0]!, /^model\.yaml:.*sweep.*these are millions of configs; a file may have 1000/)
    assert.match(
      said(bomb("variants:\n  base: { weights: q4, SWEEP }\n"))[0]!,
      /variants.* configs; a file may have 1000/,
    )
  })

  it("need a name that is a text, swept or not", () => {
    const swept = FAMILY.replace("name: Model\n", "sweep: { llamacpp: { parallel: [1, 2] } }\n").replace(
      /^variants:[^]*/m,
      "",
    )
    assert.match(said(swept)[0]!, /name.*(?:missing|Missing)/)
    assert.match(said(FAMILY.replace("name: Model\n", "name: [a]\n"))[0]!, /name: .*[Ss]tring|name: .*text/)
  })

  it("is one config for a file without any, with the same value", () => {
    const text = "name: M\ntask: generate\nbackends: {}\nscenarios: [{ kind: latency, prompts: a }]\n"
    const file = parseConfigFile(text, "model.yaml")
    assert.deepStrictEqual(
      variantsOf(file, "model").map((one) => [one.id, one.file.value]),
      [["model", file.value]],
    )
  })

  it.each([
    [
      "weights that are not there",
      FAMILY.replace("base: { weights: q4 }", "base: { weights: q5 }"),
      '12:20: variants.base.weights: unknown weights "q5"; did you mean "q4"?',
    ],
    [
      "an origin that is not there",
      FAMILY.replace("from: q4", "from: q44"),
      '6:28: weights.q8.quantized.from: unknown weights "q44"; did you mean "q4"?',
    ],
    [
      "a hash in weights",
      FAMILY.replace(HASH, "abc"),
      '5:35: weights.q4.sha256: expected a SHA-256: 64 hexadecimal digits, found "abc"',
    ],
    [
      "a key of a variant",
      FAMILY.replace("placement:", "placment:"),
      '19:5: variants.cuda.placment: unknown key; did you mean "placement"?',
    ],
    [
      "a scenario of a variant",
      FAMILY.replace("kind: latency, prompts: short-chat", "kind: latency, prompts: /"),
      "20:43: variants.cuda.scenarios[0].prompts",
    ],
    [
      "an unknown set",
      FAMILY.replace("scenarios: standard", "scenarios: standart"),
      '9:12: scenarios: unknown set of scenarios "standart"; did you mean "standard"?',
    ],
    ["a variant's name", FAMILY.replace("  cuda:", "  ../x:"), "variants"],
    ["no variants", "name: M\ntask: generate\nvariants: {}\n", "3:1: variants: name at least one variant"],
    ["a sweep of nothing", FAMILY.replace('["on", "off"]', "[]"), "variants.q8.sweep.llamacpp.flashAttention"],
  ])("say where it is wrong: %s", (_, text, expected) => {
    assert.include(said(text).join("\n"), expected)
  })
})

describe("the standard scenarios", () => {
  const names = (task: string) =>
    configs(`name: M\ntask: ${task}\nsource: { path: a }\nbackends: {}\nscenarios: standard\n`).flatMap(
      ({ scenarios }) => scenarios.flatMap((ladder) => rungsOf(ladder)).map(scenarioName),
    )

  it("are the same for every model, so that rigs can be compared", () => {
    assert.deepStrictEqual(names("generate"), [
      "latency-short-chat-1x32",
      "context-2000-1x16",
      "context-10000-1x16",
      "context-90000-1x16",
      "latency-short-chat-1x256",
    ])
    assert.deepStrictEqual(names("embed"), [
      "batch-documents-en-32x1",
      "batch-documents-en-32x8",
      "batch-documents-en-32x32",
    ])
  })
})
