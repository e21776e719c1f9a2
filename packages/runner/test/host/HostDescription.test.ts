import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { issuesOf } from "../../../records/test/workspace/issuesOf.ts"
import { HostDescription, readHostDescription } from "../../src/host/HostDescription.ts"

const HOSTS = join(import.meta.dirname, "../../../../benchmarks/configs/hosts")
const DUAL = `name: Two
cpu: { model: CPU, logicalCores: 8 }
memory: { totalMiB: 100, freeMiB: 90 }
gpus:
  - { name: GPU, count: 2, totalMiB: 20, freeMiB: 10 }
`

describe("HostDescription", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("becomes a host whose GPUs go by their positions", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = join(yield* fs.makeTempDirectoryScoped(), "dual.yaml")
        yield* fs.writeFileString(path, DUAL)
        const { devices } = yield* readHostDescription(path, "dual.yaml")
        assert.deepStrictEqual(
          devices.map(({ freeBytes, id, kind, memoryBytes }) => [String(id), kind, memoryBytes, freeBytes]),
          [
            ["cpu", "cpu", 100 * 2 ** 20, 90 * 2 ** 20],
            ["cuda:0", "gpu", 20 * 2 ** 20, 10 * 2 ** 20],
            ["cuda:1", "gpu", 20 * 2 ** 20, 10 * 2 ** 20],
          ],
        )
      }).pipe(Effect.scoped),
    )

    it.effect("is right in every file of this repository", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const files = (yield* fs.readDirectory(HOSTS)).filter((file) => file.endsWith(".yaml"))
        assert.isAtLeast(files.length, 4)
        for (const file of files) yield* readHostDescription(join(HOSTS, file), file)
      }),
    )

    it.effect("reports a file that is not there", () =>
      Effect.gen(function* () {
        const { message } = yield* Effect.flip(readHostDescription("/nowhere/rig.yaml", "rig.yaml"))
        assert.strictEqual(message, "rig.yaml:1:1: the file does not exist")
      }),
    )
  })

  it("tells what is wrong, and where", () => {
    assert.deepStrictEqual(issuesOf(DUAL, HostDescription), [])
    assert.deepStrictEqual(issuesOf(DUAL.replace("freeMiB: 10", "freeMiB: 10, vram: 1"), HostDescription), [
      "demo.yaml:5:55: gpus[0].vram: unknown key; available: name, count, totalMiB, freeMiB, bandwidthGBs, tflops",
    ])
    const [tooMuch] = issuesOf(DUAL.replace("freeMiB: 10", "freeMiB: 30"), HostDescription)
    assert.match(tooMuch!, /^demo\.yaml:5:\d+: gpus\[0\]: expected freeMiB to be at most totalMiB, found /)
    const [missing] = issuesOf(DUAL.replace("cpu: { model: CPU,", "cpu: {"), HostDescription)
    assert.match(missing!, /^demo\.yaml:2:\d+: cpu\.model: is missing$/)
  })
})
