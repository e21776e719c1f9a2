import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { DeviceId } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { hasNvidiaGpu, parseDevices } from "../../src/vendors/NvidiaSmi.ts"

const ROW = "0, GPU-8f2d, NVIDIA GeForce RTX 5090, 32607, 31588, 580.65.06"
const ids = (csv: string) => parseDevices(csv).map(({ id }) => String(id))

describe("parseDevices", () => {
  it("reads a GPU, its memory in bytes", () => {
    assert.deepInclude(parseDevices(`${ROW}\n`)[0], {
      id: DeviceId.make("GPU-8f2d"),
      kind: "gpu",
      name: "NVIDIA GeForce RTX 5090",
      index: 0,
      memoryBytes: 32607 * 2 ** 20,
      freeBytes: 31588 * 2 ** 20,
      driver: "580.65.06",
    })
  })

  it("brings GPUs into the order of the PCI bus", () => {
    const csv = ["10, GPU-c, A, 9, 8, 1", "2, GPU-b, A, 9, 8, 1", "0, GPU-a, A, 9, 8, 1"].join("\r\n")
    assert.deepStrictEqual(ids(csv), ["GPU-a", "GPU-b", "GPU-c"])
  })

  it("leaves out a GPU that does not report its memory", () => {
    for (const unreported of ["[N/A]", "[Not Supported]", "N/A", "[Unknown Error]", "[Insufficient Permissions]", ""]) {
      assert.deepStrictEqual(ids(`1, GPU-x, A, ${unreported}, 8, 1\n${ROW}\n`), ["GPU-8f2d"], unreported)
      assert.deepStrictEqual(ids(`1, GPU-x, A, 9, ${unreported}, 1\n${ROW}\n`), ["GPU-8f2d"], unreported)
    }
  })

  it("keeps a GPU that does not report its driver", () => {
    assert.deepStrictEqual(ids("0, GPU-x, A, 9, 8, [N/A]"), ["GPU-x"])
  })

  it("finds nothing in what is no table", () => {
    for (const text of [
      "",
      "\n\n",
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
      "No devices were found\n",
    ])
      assert.deepStrictEqual(parseDevices(text), [])
  })

  it("leaves out a GPU without a name of its own", () => {
    for (const uuid of ["", "[N/A]", "[Unknown Error]"])
      assert.deepStrictEqual(ids(`0, ${uuid}, A, 9, 8, 1\n${ROW}`), ["GPU-8f2d"])
    assert.deepStrictEqual(ids(`0, GPU-x, , 9, 8, 1\n${ROW}`), ["GPU-8f2d"])
  })

  it.prop("takes any text", { text: Schema.String }, ({ text }) => {
    for (const csv of [text, `0, ${text}, ${text}, 1, 1, ${text}`]) assert.isArray(parseDevices(csv))
  })
})

describe("hasNvidiaGpu", () => {
  it.live("believes a driver that lists a GPU, and nothing else", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const path = process.env["PATH"]
      yield* Effect.addFinalizer(() => Effect.sync(() => (process.env["PATH"] = path)))
      process.env["PATH"] = folder
      assert.isFalse(yield* hasNvidiaGpu, "there is no nvidia-smi")
      const said = Effect.fnUntraced(function* (script: string) {
        yield* fs.writeFileString(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
        return yield* hasNvidiaGpu
      })
      assert.isTrue(yield* said('echo "GPU 0: NVIDIA GeForce RTX 5090 (UUID: GPU-8f2d)"'))
      assert.isFalse(yield* said('echo "No devices were found"'))
      assert.isFalse(yield* said('echo "GPU 0: A (UUID: GPU-1)"; exit 9'))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
