import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { shortCommand } from "@rigbook/core/engine"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { Effect, FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { softwareVulkan } from "../packages/backend-llamacpp/test/vulkan/SoftwareVulkan.ts"
import { standInDriver } from "../packages/backend-llamacpp/test/vulkan/StandInDriver.ts"

const ROOT = join(import.meta.dirname, "..")
const KIT = join(ROOT, "tools/gpu-kit")
const UUID = "GPU-6d657361-0000-0000-0000-000000000000"
const MINUTES = 60_000

/** What `prepare.sh` packs and `run.sh` unpacks, of this checkout: the CLI, Node and the Vulkan engine. */
const unpacked = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  process.env["RIGBOOK_LLAMACPP"] = "wheel"
  const { path } = yield* llamacpp.machine!.setup!
  const wheel = dirname(dirname(dirname(path)))
  yield* fs.makeDirectory(join(folder, "cache/runtimes"), { recursive: true })
  yield* fs.copy(wheel, join(folder, "cache/runtimes", basename(wheel)))
  yield* fs.symlink(process.execPath, join(folder, "node"))
  yield* shortCommand(process.execPath, [join(KIT, "collect.ts"), ROOT, join(folder, "app")], {
    timeoutMs: 5 * MINUTES,
  })
  yield* fs.writeFileString(join(folder, ".base"), "")
})

layer(NodeServices.layer, { excludeTestServices: true })("the kit for a machine with a GPU", (it) => {
  it.effect("goes with this program: what it carries runs, and is proven and verified", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-kit-" })
      const [work, bin, part, out] = ["work", "bin", "part", "out"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
        string,
      ]
      yield* fs.makeDirectory(part)
      yield* unpacked(work)
      yield* fs.makeDirectory(bin)
      yield* standInDriver(bin, { gpus: [{ uuid: UUID, name: "llvmpipe", total: 4096 }], finds: [0], lists: true })
      const { libraries, manifest } = yield* softwareVulkan
      const { stdout } = yield* shortCommand(
        "bash",
        [join(KIT, "run.sh"), "--stages", "1,3,6", "--seconds", "1500", "--out", out, part],
        {
          cwd: folder,
          timeoutMs: 25 * MINUTES,
          env: {
            PATH: `${bin}:${process.env["PATH"]}`,
            GPUKIT_WORK: work,
            SMALL: "1",
            NO_BUILD: "1",
            ENGINE_ENV: `GGML_VK_VISIBLE_DEVICES=0 LP_NUM_THREADS=1 RIG=${bin}`,
            LD_LIBRARY_PATH: libraries.join(":"),
            VK_DRIVER_FILES: manifest,
            VK_ICD_FILENAMES: manifest,
          },
        },
      )
      const summary = yield* fs.readFileString(join(out, "summary.txt"))
      assert.match(summary, /stage 1: doctor rc 0/, stdout)
      assert.match(summary, /stage 3: Vulkan lists 1 device/, stdout)
      assert.match(summary, /stage 6: verify rc 0/, stdout)
      const records = yield* fs.readFileString(join(out, "records.txt"))
      assert.match(records, /^vk-tiny · llamacpp · single · .*proof verified$/m, stdout)
      assert.match(records, /^vk-tiny-cpu · llamacpp · cpu · .*proof verified$/m, stdout)
    }),
  )
})
