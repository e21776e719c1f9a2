import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { A, B, configOf, twoGpus, VulkanRig } from "../../backend-llamacpp/test/vulkan/VulkanRig.ts"
import { recordFolders, rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

interface Planned {
  readonly cells: ReadonlyArray<{ readonly placement: { readonly devices: ReadonlyArray<string> } | null }>
}
interface Ran {
  readonly cell: { readonly placement: unknown }
  readonly effective?: { readonly devices: ReadonlyArray<string> }
  readonly failure?: unknown
}

/** What plan and run say of one config on the rig: exit codes, their complaints, what was planned and what ran. */
const both = (placement: string, total?: number) =>
  Effect.gen(function* () {
    const { binary, env } = yield* twoGpus(total === undefined ? {} : { total })
    const files = {
      "models/configs/one.yaml": configOf(placement, binary),
      "benchmarks/configs/prompts/one.jsonl": '{"id":"a","text":"The sky is"}\n',
      "benchmarks/results/raw/.gitkeep": "",
    }
    const root = writeWorkspace(temporaryFolder(), files)
    const [planned, ran] = [
      yield* Effect.promise(() => rigbook(root, ["plan", "--json"], env)),
      yield* Effect.promise(() => rigbook(root, ["run", "--json"], env)),
    ]
    const lines = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("models/configs/"))
    return {
      codes: [planned.exitCode, ran.exitCode],
      said: lines(planned.stderr),
      ran: lines(ran.stderr),
      plan: (JSON.parse(planned.stdout) as Planned).cells,
      records: recordFolders(root)
        .filter((folder) => !folder.endsWith(".gitkeep"))
        .map((folder) => JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as Ran),
    }
  })

layer(VulkanRig.layer, { excludeTestServices: true })("plan and run on two GPUs", (it) => {
  it.effect("refuse the same in the same words: what does not fit, and what the engine can't do", () =>
    Effect.gen(function* () {
      const places = `["cuda:1", { strategy: layer, devices: ["cuda:0", "cuda:1"] }, { strategy: row, devices: ["cuda:0", "cuda:1"] }]`
      const { codes, plan, ran, records, said } = yield* both(places, 900)
      assert.deepStrictEqual([codes, records, said], [[2, 2], [], ran])
      assert.deepStrictEqual(
        plan.map(({ placement }) => placement),
        [null, null, null],
      )
    }),
  )

  it.effect("put a model where it fits, and it runs there", () =>
    Effect.gen(function* () {
      const { plan, ran, records, said } = yield* both(`["cuda:1", { strategy: layer, devices: ["cuda:0", "cuda:1"] }]`)
      assert.deepStrictEqual([said, ran], [[], []])
      assert.deepStrictEqual(
        plan.map(({ placement }) => placement?.devices),
        [[B], [A, B]],
      )
      assert.deepStrictEqual(
        records.map(({ cell, failure }) => [cell.placement, failure]),
        plan.map(({ placement }) => [placement, undefined]),
      )
      assert.deepStrictEqual(
        records.map(({ effective }) => effective?.devices),
        [[B], [A, B]],
      )
    }),
  )
})
