import { execa } from "execa"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { CLI, rigbook, sampleModel, temporaryFolder, until, writeWorkspace } from "./TemporaryWorkspace.ts"

const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 256, threads: 1 }
placement: cpu
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 4 }
`

interface Outcome {
  readonly outcome: {
    readonly best: { readonly misses: ReadonlyArray<{ readonly figure: string }> }
    readonly steps: ReadonlyArray<{ readonly knob: string; readonly gain: { readonly figure: string } }>
  }
  readonly config: string | null
  readonly records: ReadonlyArray<string>
}

describe("rigbook tune", () => {
  const root = writeWorkspace(temporaryFolder(), { "models/configs/model.yaml": config })
  const results = join(root, "benchmarks/results/tune")
  const search = ["tune", "model", "--decode", "1000000000", "--vary", "ubatch=64"]
  const folder = () => join(results, readdirSync(results)[0]!)
  const recordsIn = () =>
    existsSync(results)
      ? readdirSync(join(folder(), "raw")).filter((id) => existsSync(join(folder(), "raw", id, "record.json")))
      : []

  it("shows what would vary and what that would cost, and runs nothing", async () => {
    const { exitCode, stderr } = await rigbook(root, [...search, "--vary", "flashAttention", "--plan"])
    assert.strictEqual(exitCode, 0, stderr)
    assert.match(stderr, /ubatch +default, 64/)
    assert.match(stderr, /At most \d+ trials and \d+ warm-ups/)
    assert.isFalse(existsSync(results))
  })

  it("refuses to change answers without a budget of loss", async () => {
    const { exitCode, stderr } = await rigbook(root, ["tune", "model", "--vary", "kvCache"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, "--kld")
  })

  it("resumes after it was killed, and refuses a goal that can't be met with the nearest", async () => {
    const killed = execa(process.execPath, [CLI, ...search], { cwd: root, reject: false, env: { NO_COLOR: "1" } })
    await until(
      "the first record",
      () => existsSync(results) && existsSync(join(folder(), "raw")) && recordsIn().length > 0,
    )
    process.kill(killed.pid!, "SIGKILL")
    await killed
    const before = recordsIn()
    const { exitCode, stderr, stdout } = await rigbook(root, [...search, "--json"])
    assert.strictEqual(exitCode, 1, stderr)
    const { config: written, outcome, records } = JSON.parse(stdout) as Outcome
    assert.includeMembers([...records], before, "what was measured before is kept")
    assert.deepStrictEqual(
      outcome.best.misses.map(({ figure }) => figure),
      ["decode"],
    )
    assert.deepStrictEqual(
      outcome.steps.map(({ gain, knob }) => [knob, gain.figure]),
      [["ubatch", "decode"]],
    )
    assert.isNull(written)
    assert.isFalse(existsSync(join(root, "models/configs/model-tuned.yaml")))
  })

  it("has nothing to measure when it is run once more, and says what is nearest", async () => {
    const before = recordsIn()
    const { exitCode, stdout } = await rigbook(root, search)
    assert.strictEqual(exitCode, 1)
    assert.match(
      stdout,
      /The goal can't be met: decode is .* tokens\/s, of at least 1000000000 tokens\/s\. The nearest is/,
    )
    assert.deepStrictEqual(recordsIn(), before)
  })

  it("leaves records that verify derives again", async () => {
    const { exitCode, stdout } = await rigbook(root, ["verify", join(folder(), "raw")])
    assert.strictEqual(exitCode, 0, stdout)
    assert.include(stdout, `${recordsIn().length} records: every figure agrees`)
  })

  it("runs nothing that can't fit", async () => {
    const { exitCode, stdout } = await rigbook(root, ["tune", "model", "--memory", "1KiB", "--vary", "ubatch=64"])
    assert.strictEqual(exitCode, 1)
    assert.match(stdout, /needs .* GiB, of at most 0\.00 GiB/)
    assert.include(stdout, "No variant can be run")
  })
})
