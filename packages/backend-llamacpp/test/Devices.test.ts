import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Device, DeviceId, type Host, Placement } from "@rigbook/core"
import { Effect, FileSystem, Result } from "effect"
import { join } from "node:path"
import { fakeVulkan } from "../../core/test/fakes/vulkan.ts"
import { fakeHost } from "../../testkit/src/FakeHosts.ts"
import { listedDevices, nameDevices } from "../src/Devices.ts"
import { nameListed } from "../src/NameListed.ts"
import type { Program } from "../src/Program.ts"
import { rpcId } from "../src/Rpc.ts"
import { Options } from "../src/Options.ts"
import { unusable } from "../src/Unusable.ts"
import { numbersOf } from "../src/VulkanNumbers.ts"
import { Runtime } from "@rigbook/core"
import { Schema } from "effect"
import { recorded } from "./recorded.ts"

const RTX = "NVIDIA GeForce RTX 5090"
const A = DeviceId.make("GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf")
const B = DeviceId.make("GPU-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf")
const gpu = (id: DeviceId, name = RTX, vendor = "nvidia") =>
  new Device({ id, kind: "gpu", name, index: id === A ? 0 : 1, memoryBytes: 1, freeBytes: 1, vendor })
const TWO = [gpu(A), gpu(B)]
const listing = (...rows: ReadonlyArray<readonly [name: string, description: string]>) =>
  rows.map(([name, description]) => ({ name, description }))

const named = (found: ReturnType<typeof nameListed>) => {
  const { byOrder, devices } = Result.getOrThrow(found)
  return [...devices.map(({ name }) => name), ...(byOrder ? ["by order"] : [])]
}
const why = (found: ReturnType<typeof nameListed>): string => Result.getOrThrow(Result.flip(found)).why

describe("nameListed", () => {
  const [a, b] = [rpcId("127.0.0.1:50052"), rpcId("127.0.0.1:50053")]
  const rpc = listedDevices(recorded("list-devices-rpc.txt"))
  const CUDA = listing(["CUDA0", RTX], ["CUDA1", RTX])

  it("knows a server by its address, whatever its number", () => {
    assert.deepStrictEqual(Result.getOrThrow(nameListed([b, a], rpc, [])).devices, [
      { id: b, name: "RPC1", endpoint: "127.0.0.1:50053" },
      { id: a, name: "RPC0", endpoint: "127.0.0.1:50052" },
    ])
  })

  it("knows the devices of CUDA and ROCm by their order, beside servers and other backends", () => {
    assert.deepStrictEqual(named(nameListed([B, a, A], [...rpc, ...CUDA], TWO)), ["CUDA0", "RPC0", "CUDA1"])
    const rocm = listing(["ROCm0", "AMD Radeon Pro W7900"], ["Vulkan0", "AMD Radeon Pro W7900 (RADV NAVI31)"])
    assert.deepStrictEqual(named(nameListed([A], rocm, [gpu(A, "AMD Radeon Pro W7900", "amd")])), ["ROCm0"])
  })

  it("knows a GPU by a name that no other has, beside the processor's own graphics", () => {
    const listed = listing(["Vulkan0", "Intel(R) UHD Graphics 770 (ADL-S GT1)"], ["Vulkan1", RTX])
    assert.deepStrictEqual(named(nameListed([A], listed, [gpu(A)])), ["Vulkan1"])
    const amd = listing(
      ["Vulkan0", "AMD Radeon RX 7900 XTX (RADV NAVI31)"],
      ["Vulkan1", "AMD Radeon RX 7900 XT (RADV NAVI31)"],
    )
    const radeons = [gpu(A, "AMD Radeon RX 7900 XT", "amd"), gpu(B, "AMD Radeon RX 7900 XTX", "amd")]
    assert.deepStrictEqual(named(nameListed([A, B], amd, radeons)), ["Vulkan1", "Vulkan0"])
  })

  it("takes cards of one name by their order only where both list as many, and says so", () => {
    const listed = listing(["Vulkan0", RTX], ["Vulkan1", RTX])
    assert.deepStrictEqual(named(nameListed([B], listed, TWO)), ["Vulkan1", "by order"])
    assert.deepStrictEqual(named(nameListed([B, A], listed, TWO)), ["Vulkan1", "Vulkan0", "by order"])
    // One of them is hidden from us, and not from Vulkan.
    assert.deepStrictEqual(named(nameListed([B], listed, [gpu(B)])), ["Vulkan1", "by order"])
    assert.include(why(nameListed([B], [...listed, { name: "Vulkan2", description: "Other" }], [gpu(B)])), "uncertain")
  })

  it("says what it can't find, or be certain of", () => {
    assert.include(why(nameListed([a], [], [])), "no device behind 127.0.0.1:50052")
    assert.include(why(nameListed([a], [rpc[0]!, rpc[0]!], [])), "2 devices behind")
    assert.include(why(nameListed([A, B], rpc, TWO)), "finds no GPU")
    assert.include(why(nameListed([A], listing(["Vulkan0", "Graphics of the processor"]), TWO)), "uncertain")
  })
})

describe("numbersOf", () => {
  it("are those of the UUIDs, in the placement's order, or none", () => {
    const found = [A, B].map((id) => ({ name: RTX, uuid: id.slice("GPU-".length) }))
    assert.deepStrictEqual(numbersOf([{ name: "Intel", uuid: "0" }, ...found], [B, A]), [2, 1])
    assert.isUndefined(numbersOf(found, [A, DeviceId.make("GPU-0")]))
    assert.isUndefined(numbersOf([found[0]!, found[0]!], [A]), "one UUID of two devices")
    assert.isUndefined(numbersOf(found, []))
  })
})

/** A llama-server that finds two cards of one name by Vulkan, or those that it is shown, and a loader that tells them apart. */
const rig = Effect.fnUntraced(function* (loader: boolean) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-devices-" })
  const path = join(folder, "llama-server")
  const script = `#!/bin/sh
echo "Available devices:"
number=0
for shown in $(echo "\${GGML_VK_VISIBLE_DEVICES-0,1}" | tr , ' '); do
  echo "  Vulkan$number: ${RTX} (32607 MiB, 3200$shown MiB free)"
  number=$((number + 1))
done
`
  yield* fs.writeFileString(path, script, { mode: 0o755 })
  if (loader) yield* fakeVulkan(folder)
  const program: Program = { path, origin: "named", librariesBeside: true }
  return program
})

const naming = (host: Host, first: DeviceId, ...rest: ReadonlyArray<DeviceId>) => ({
  host,
  placement: new Placement({ strategy: "layer", devices: [first, ...rest] }),
  visible: { CUDA_VISIBLE_DEVICES: [first, ...rest].join(",") },
})

layer(NodeServices.layer)("nameDevices", (it) => {
  it.effect("chooses one of two cards of one name by its UUID, and shows Vulkan no other", () =>
    Effect.gen(function* () {
      const program = yield* rig(true)
      const host = fakeHost().with(TWO)
      for (const [ids, numbers] of [
        [[B], "1"],
        [[B, A], "1,0"],
      ] as const) {
        const { devices, env } = yield* nameDevices(program, naming(host, ...(ids as [DeviceId])))
        assert.deepStrictEqual(
          devices.map(({ id, name }) => [id, name]),
          ids.map((id, place) => [id, `Vulkan${place}`]),
        )
        assert.strictEqual(env["GGML_VK_VISIBLE_DEVICES"], numbers)
      }
      // The one that the user has hidden is in Vulkan's list all the same.
      const { env } = yield* nameDevices(program, naming(fakeHost().with([gpu(B)]), B))
      assert.strictEqual(env["GGML_VK_VISIBLE_DEVICES"], "1")
    }),
  )

  it.effect("takes them by their order if Vulkan has no UUIDs, and says what to do if that is uncertain", () =>
    Effect.gen(function* () {
      const program = yield* rig(false)
      const { devices } = yield* nameDevices(program, naming(fakeHost().with(TWO), B))
      assert.deepStrictEqual(devices, [{ id: B, name: "Vulkan1" }])
      const { reason } = yield* Effect.flip(nameDevices(program, naming(fakeHost().with([gpu(B, "Other")]), B)))
      assert.include(reason.detail, "uncertain")
      assert.include(reason.fix, "rigbook setup llamacpp --build cuda")
    }),
  )
})

layer(NodeServices.layer)("unusable", (it) => {
  const answer = Effect.fnUntraced(function* (script: string, devices: ReadonlyArray<Device>) {
    const fs = yield* FileSystem.FileSystem
    const binary = join(yield* fs.makeTempDirectoryScoped(), "llama-server")
    yield* fs.writeFileString(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return yield* unusable({
      config: Schema.decodeUnknownSync(Options)({ binary }),
      runtime: new Runtime({ program: "llama-server", version: "1", origin: "named", path: binary, libraries: {} }),
      host: fakeHost().with(devices),
      restrict: (ids) => ({ CUDA_VISIBLE_DEVICES: ids.join(",") }),
    })
  })

  it.effect("is each GPU that the program does not find, with the command that brings one which does", () =>
    Effect.gen(function* () {
      const none = yield* answer("echo 'Available devices:'", TWO)
      assert.deepStrictEqual(
        none.map(({ device }) => device),
        [A, B],
      )
      for (const { fix, why } of none) {
        assert.include(why, "finds no GPU")
        assert.strictEqual(fix, "Leave out the `binary` that is named, and run `rigbook setup llamacpp --build cuda`.")
      }
      const amd = yield* answer("echo 'Available devices:'", [gpu(A, "AMD Radeon", "amd")])
      assert.include(amd[0]!.fix, "--build rocm")
    }),
  )

  it.effect("is none where each is found, and the one that is not where another is", () =>
    Effect.gen(function* () {
      const one = `echo '  Vulkan0: ${RTX} (1 MiB, 1 MiB free)'`
      assert.deepStrictEqual(yield* answer(one, [gpu(A)]), [])
      const mixed = yield* answer(one, [gpu(A), gpu(B, "NVIDIA GeForce GT 710")])
      assert.deepStrictEqual(
        mixed.map(({ device }) => device),
        [B],
      )
      assert.deepStrictEqual(yield* answer("exit 1", []), [], "there is no GPU")
    }),
  )
})
