import { assert, describe, it } from "@effect/vitest"
import { rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

interface Plan {
  readonly cells: ReadonlyArray<{
    readonly placement: { readonly strategy: string } | null
    readonly refused: ReadonlyArray<{ readonly reason: string }>
    readonly runtime: { readonly absent?: string }
    readonly demand: ReadonlyArray<{ readonly device: string; readonly bytes: number; readonly leftBytes: number }>
  }>
}
interface Inspected {
  readonly model: { readonly architecture: string; readonly experts?: number }
  readonly demand: ReadonlyArray<{ readonly backend: string; readonly kvBytesPerToken: number }>
}

const HOST = `name: Two
cpu: { model: CPU, logicalCores: 8 }
memory: { totalMiB: 100000, freeMiB: 90000 }
gpus: [{ name: GPU, count: 2, totalMiB: 32109, freeMiB: 31588 }]
`
const root = () =>
  writeWorkspace(temporaryFolder(), {
    "models/configs/mixtral.yaml": sampleConfig("mixtral-8x7b-q5_k_m"),
    "benchmarks/configs/hosts/two.yaml": HOST,
    "benchmarks/configs/hosts/wrong.yaml": HOST.replace("freeMiB: 90000", "freeMiB: all"),
  })

describe("rigbook plan and inspect, from a model's shape alone", () => {
  it("plan for a machine that is elsewhere", async () => {
    const cwd = root()
    const shown = await rigbook(cwd, ["plan", "--host", "two"])
    assert.strictEqual(shown.exitCode, 0, shown.stderr)
    assert.match(shown.stdout, /cuda:0 \[W+K+CO\.+\] 18\.17 of 30\.85 GiB/)
    const { stdout } = await rigbook(cwd, ["plan", "mixtral", "--host", "two", "--json"])
    const [cell] = (JSON.parse(stdout) as Plan).cells
    assert.strictEqual(cell!.placement?.strategy, "layer")
    assert.match(cell!.refused[0]!.reason, /2\.22 GiB too little$/)
    assert.isString(cell!.runtime.absent)
    for (const { bytes, leftBytes } of cell!.demand) assert.isAbove(bytes * leftBytes, 0)
  })

  it("say where a description is wrong, and what hosts there are", async () => {
    const cwd = root()
    const wrong = await rigbook(cwd, ["plan", "--host", "wrong"])
    assert.strictEqual(wrong.exitCode, 2)
    assert.include(wrong.stderr, "benchmarks/configs/hosts/wrong.yaml:3:")
    const unknown = await rigbook(cwd, ["plan", "--host", "twi"])
    assert.strictEqual(unknown.exitCode, 2)
    assert.include(unknown.stderr, 'did you mean "two"?')
  })

  it("show what a model is", async () => {
    const cwd = root()
    const { exitCode, stdout } = await rigbook(cwd, ["inspect", "mixtral", "--json"])
    assert.strictEqual(exitCode, 0)
    const { demand, model } = JSON.parse(stdout) as Inspected
    assert.deepInclude(model, { architecture: "llama", experts: 8 })
    assert.strictEqual(demand.find(({ backend }) => backend === "llamacpp")?.kvBytesPerToken, 128 * 1024)
    assert.include((await rigbook(cwd, ["inspect", "mixtral"])).stdout, "KV cache: 128.0 KiB a token")
    const none = await rigbook(cwd, ["inspect", "rigbook.yaml"])
    assert.strictEqual(none.exitCode, 2)
  })
})
