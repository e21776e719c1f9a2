import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

/** On one thread: two that wait for each other take many times as long when somebody else has one of the cores. */
const config = (model: string): string => `${sampleModel(model)}backends:
  llamacpp: { context: 256, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 4 }
protocol: { warmup: 1, trials: 6 }
`

interface Compared {
  readonly records: ReadonlyArray<{ readonly metrics: ReadonlyArray<{ readonly word: string }> }>
}

/**
 * Q8_0 and F16 of one model, and Q8_0 once more. What is compared is the peak of memory: it follows from the file, and two
 * loads of one file differ by some per cent at most, when the system takes pages back. Times are not the same: where others take nine
 * tenths of two cores, `compare` finds no difference between them, and is right.
 */
describe("two quantizations of one model", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/eight-bits.yaml": config("smollm2-135m-instruct-q8_0"),
    "models/configs/sixteen-bits.yaml": config("smollm2-135m-instruct-f16"),
    "models/configs/the-same.yaml": config("smollm2-135m-instruct-q8_0"),
  })
  const compare = (...args: ReadonlyArray<string>) =>
    rigbook(root, [
      "compare",
      ...args,
      "--gate",
      "--metrics",
      "memory_peak",
      "--threshold",
      "0.1",
      "--across",
      "verdict",
    ])
  const wordOf = (stdout: string) => (JSON.parse(stdout) as Compared).records.map(({ metrics }) => metrics[0]!.word)

  it("are measured in turns, each from a file that is made once", async () => {
    const { exitCode, stderr } = await rigbook(root, ["run", "--rounds", "2"])
    assert.strictEqual(exitCode, 0, stderr)
    const records = recordFolders(root).map(
      (folder) =>
        JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as {
          readonly cell: {
            readonly config: { readonly name: string }
            readonly model: { readonly bitsPerWeight: number }
          }
        },
    )
    for (const { cell } of records) assert.match(cell.config.name, /\(weights requantized from Q4_1\)$/)
    assert.deepStrictEqual(records.map(({ cell }) => cell.model.bitsPerWeight.toFixed(2)).toSorted(), [
      "16.00",
      "8.51",
      "8.51",
    ])
  })

  it("are found to differ: the gate exits with 3 in one direction, with 0 in the other", async () => {
    const there = await compare("eight-bits", "sixteen-bits", "--json")
    const back = await compare("sixteen-bits", "eight-bits", "--json")
    const outcomes = [there, back].map(({ exitCode, stdout }) => [...wordOf(stdout), exitCode])
    assert.deepStrictEqual(outcomes, [
      ["worse", 3],
      ["better", 0],
    ])
  })

  it("differ in nothing from the same once more: the gate exits with 0", async () => {
    const { exitCode, stdout } = await compare("eight-bits", "the-same", "--json")
    assert.deepStrictEqual([...wordOf(stdout), exitCode], ["no difference found", 0], stdout)
  })

  it("are not compared across hosts", async () => {
    const registry = readFileSync(join(root, "models/registry.json"), "utf8")
    writeFileSync(join(root, "elsewhere.json"), registry.replace(/"host": "\w+"/g, '"host": "elsewhere"'))
    const { exitCode, stdout } = await compare("models/registry.json", "elsewhere.json")
    assert.strictEqual(exitCode, 2, stdout)
    assert.include(stdout, "they ran on different hosts")
  })

  it("leave nothing in their records that names this machine", () => {
    for (const folder of recordFolders(root))
      for (const name of readdirSync(folder)) {
        const reported = readFileSync(join(folder, name), "utf8")
        for (const local of [homedir(), root]) assert.notInclude(reported, local, `${name} of ${folder}`)
      }
  })
})
