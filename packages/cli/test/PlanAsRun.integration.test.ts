import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const IDS = ["GPU-aaaaaaaa-0000-0000-0000-000000000000", "GPU-bbbbbbbb-0000-0000-0000-000000000000"]

/** A driver that reports two GPUs, which the engine that setup installs for the processor finds no trace of. */
const twoGpus = (): Readonly<Record<string, string>> => {
  const folder = join(temporaryFolder(), "bin")
  mkdirSync(folder)
  const rows = IDS.map((id, index) => `echo "${index}, ${id}, Fake RTX 409${index}, 24564, 24000, 550.1"`)
  writeFileSync(
    join(folder, "nvidia-smi"),
    `#!/bin/sh\ncase "$*" in *query-gpu*memory.free*) ${rows.join("; ")};; esac\n`,
    {
      mode: 0o755,
    },
  )
  // No Vulkan driver either, whatever this machine has.
  const none = join(folder, "none.json")
  return {
    PATH: `${folder}:${process.env["PATH"]}`,
    RIGBOOK_LLAMACPP: "wheel",
    VK_DRIVER_FILES: none,
    VK_ICD_FILENAMES: none,
  }
}

const configOf = (more: string, options = ""): string => `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 256, threads: 1${options} }
${more}
protocol: { warmup: 0, trials: 2 }
`
const BRIEF = "scenarios: [{ kind: latency, prompts: brief, requests: 1, outputTokens: 4 }]"

interface Planned {
  readonly cells: ReadonlyArray<{
    readonly requested: unknown
    readonly placement: { readonly strategy: string; readonly devices: ReadonlyArray<string> } | null
    readonly refused: ReadonlyArray<{ readonly strategy: string; readonly reason: string }>
  }>
  readonly error?: { readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }> }
}

/** What plan and run say of one workspace: exit codes, and the lines on standard error that name the config. */
const both = async (root: string, env: Readonly<Record<string, string>> = {}) => {
  const lines = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("models/configs/"))
  const planned = await rigbook(root, ["plan", "--json"], env)
  const ran = await rigbook(root, ["run", "--json"], env)
  const plan = JSON.parse(planned.stdout) as Planned
  return {
    plan,
    codes: [planned.exitCode, ran.exitCode],
    said: lines(planned.stderr),
    ran: lines(ran.stderr),
    warned: ran.stderr,
  }
}

describe("rigbook plan and run", () => {
  it("refuse the same with the same sentences: an option, and a prompt set that is not there", async () => {
    const text = configOf(
      `placement: [auto, cpu]\n${BRIEF.replace("brief", "nowhere")}`,
      `, flashAttention: "off", kvCache: q8_0`,
    )
    const { codes, plan, ran, said } = await both(
      writeWorkspace(temporaryFolder(), { "models/configs/one.yaml": text }),
    )
    assert.deepStrictEqual(codes, [2, 2])
    assert.deepStrictEqual(said, ran)
    assert.lengthOf(said, 2)
    assert.match(said.join("\n"), /backends\.llamacpp\.kvCache: A KV cache in q8_0 needs flash attention/)
    assert.match(said.join("\n"), /scenarios\[0\]\.prompts: this prompt set does not exist/)
    assert.deepStrictEqual([plan.cells, plan.error!.issues.length], [[], 2])
  })

  it("say the same of two GPUs that the installed engine can't use", async () => {
    const places = `[auto, "cuda:0", "cuda:1", { strategy: layer, devices: ["cuda:0", "cuda:1"] }, cpu]`
    const text = configOf(`placement: ${places}\n${BRIEF}`)
    const env = twoGpus()
    const { codes, plan, ran, said } = await both(
      writeWorkspace(temporaryFolder(), { "models/configs/one.yaml": text }),
      env,
    )
    assert.deepStrictEqual(codes, [2, 2])
    assert.deepStrictEqual(said, ran)
    const expected = ["cuda:0", "cuda:1", "cuda:0"]
    assert.lengthOf(said, expected.length)
    for (const [index, device] of expected.entries())
      assert.match(
        said[index]!,
        new RegExp(
          `placement\\[${index + 1}\\]: llamacpp can't use ${device}: .*llama-server finds no GPU\\. ` +
            "Run `rigbook setup llamacpp --build cuda`\\.",
        ),
      )
    // doctor says so, too.
    const doctor = await rigbook(temporaryFolder(), ["doctor"], env)
    assert.match(doctor.stdout, /✗ llamacpp can't use cuda:0 and cuda:1: .*llama-server finds no GPU\.\n.*--build cuda/)
    assert.deepStrictEqual(
      plan.cells.map(({ placement }) => placement?.strategy ?? null),
      ["cpu", null, null, null, "cpu"],
    )
    assert.include(
      plan.cells[0]!.refused.map(({ strategy }) => strategy),
      "single",
    )
  })

  it("put auto where the engine can compute", async () => {
    const root = writeWorkspace(temporaryFolder(), { "models/configs/one.yaml": configOf(BRIEF) })
    const { plan, said, ran, warned } = await both(root, twoGpus())
    assert.include(
      warned,
      "llamacpp can't use cuda:0 and cuda:1: setup's llama-server finds no GPU. Run `rigbook setup",
    )
    assert.deepStrictEqual([said, ran], [[], []])
    const [folder] = recordFolders(root)
    const { cell, failure } = JSON.parse(readFileSync(join(folder!, "record.json"), "utf8")) as {
      readonly cell: { readonly placement: { readonly devices: ReadonlyArray<string> } }
      readonly failure?: unknown
    }
    assert.isUndefined(failure)
    assert.deepStrictEqual(cell.placement, plan.cells[0]!.placement)
    assert.deepStrictEqual(cell.placement.devices, ["cpu"])
  })
})
