import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { findNvml, openNvml } from "../../src/vendors/Nvml.ts"
import { fakeNvml } from "../fakes/nvml.ts"

// A compiler runs: as long as a busy machine may take.
const MIB = 2 ** 20

layer(NodeServices.layer, { excludeTestServices: true })("NVML", (it) => {
  it.effect("tells each value in the units of the contract, and why others are absent", () =>
    Effect.gen(function* () {
      const { name, read } = yield* openNvml(yield* fakeNvml())
      assert.strictEqual(name, "NVML")
      const [first, second] = read()
      assert.deepStrictEqual(first, {
        device: first!.device,
        values: {
          usedBytes: 1000 * MIB,
          freeBytes: 31107 * MIB,
          utilization: 0.97,
          smClockMhz: 2407,
          temperatureC: 71,
          powerW: 574.5,
          powerCapW: 575,
          energyJ: 9007199254.741,
          limits: ["power-cap", "sw-thermal"],
          pcieGeneration: 5,
          pcieLanes: 16,
          processes: [],
        },
        absent: {},
      })
      assert.deepStrictEqual([String(first!.device), String(second!.device)], ["GPU-fake-0", "GPU-fake-1"])
      assert.strictEqual(second!.values.usedBytes, 1001 * MIB)
      assert.deepStrictEqual(second!.absent, { powerW: "NVML: Not Supported", energyJ: "NVML: Not Supported" })
      assert.notProperty(second!.values, "powerW")
      assert.deepStrictEqual(second!.values.limits, ["idle"])
    }),
  )

  it.effect("lists the processes of each device, however many, and leaves out memory that is not reported", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const list = join(yield* fs.makeTempDirectoryScoped(), "processes")
      const { read } = yield* openNvml(yield* fakeNvml({ PROCESSES: `"${list}"` }))
      yield* fs.writeFileString(list, `0 4242 ${5 * MIB}\n1 7 -\n`)
      assert.deepStrictEqual(read()[0]!.values.processes, [{ pid: 4242, bytes: 5 * MIB }])
      assert.deepStrictEqual(read()[1]!.values.processes, [{ pid: 7 }])
      yield* fs.writeFileString(list, Array.from({ length: 200 }, (_, pid) => `0 ${pid + 1} ${pid}\n`).join(""))
      const many = read()[0]!.values.processes!
      assert.deepStrictEqual([many.length, many[199]], [200, { pid: 200, bytes: 199 }])
      yield* fs.remove(list)
      assert.strictEqual(read()[0]!.absent.processes, "NVML: Unknown Error")
    }),
  )

  it.effect("takes what an older driver has", () =>
    Effect.gen(function* () {
      const { read } = yield* openNvml(yield* fakeNvml({ OLD: "1" }))
      const [{ absent, values }] = read() as [ReturnType<typeof read>[0]]
      assert.deepStrictEqual(values.limits, ["hw-thermal"])
      assert.deepStrictEqual(absent, { processes: "NVML: not in this driver's library" })
    }),
  )

  it.effect("says why there is no reading at all", () =>
    Effect.gen(function* () {
      const why = (path: string | undefined) => Effect.map(Effect.flip(openNvml(path)), ({ message }) => message)
      assert.strictEqual(yield* why(undefined), "NVML: libnvidia-ml.so.1 is not installed")
      assert.strictEqual(yield* why(yield* fakeNvml({ INIT: "9" })), "NVML: Driver Not Loaded")
      assert.match(yield* why("/no/such/libnvidia-ml.so.1"), /^NVML: .*no such file/i)
      assert.match(yield* why(join(import.meta.dirname, "../fakes/nvml.c")), /^NVML: /)
    }),
  )

  it.effect("is looked for where the loader of programs looks first", () =>
    Effect.gen(function* () {
      const path = yield* fakeNvml()
      assert.strictEqual(findNvml({ LD_LIBRARY_PATH: `/no/such/folder:${dirname(path)}` }), path)
    }),
  )
})
