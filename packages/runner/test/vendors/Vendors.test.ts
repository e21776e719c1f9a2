import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { CPU, Device, DeviceId } from "@rigbook/core"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { Effect } from "effect"
import { captureHost } from "../../src/host/CaptureHost.ts"
import { deviceNamed } from "../../src/plan/ResolvePlacement.ts"
import { aliasOf, gpusHere, presentVendors, restrictedTo, VENDORS } from "../../src/vendors/Vendors.ts"
import { fakePrograms } from "../fakes/programs.ts"

const gpu = (id: string, index: number, vendor?: string) =>
  new Device({
    id: DeviceId.make(id),
    kind: "gpu",
    name: id,
    index,
    memoryBytes: 8,
    freeBytes: 8,
    ...(vendor === undefined ? {} : { vendor }),
  })
const [first, second] = [gpu("GPU-aaaa", 0, "nvidia"), gpu("GPU-bbbb", 1, "nvidia")]
const [radeon, card] = [gpu("GPU-00c8ab0000000001", 0, "amd"), gpu("card1", 1, "amd")]
const remote = new Device({ id: DeviceId.make("rpc:10.0.0.2:50052"), kind: "remote", name: "elsewhere" })
const HOST = fakeHost().with([first, second, radeon, card, remote])

describe("restrictedTo", () => {
  it("shows a child the placement's GPUs alone, in its order, and none of another vendor", () => {
    assert.deepStrictEqual(restrictedTo([second.id, CPU, first.id], HOST), {
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      CUDA_VISIBLE_DEVICES: "GPU-bbbb,GPU-aaaa",
      ROCR_VISIBLE_DEVICES: "",
      HIP_VISIBLE_DEVICES: "-1",
    })
    // By its number where AMD's runtime has no name for it; HIP counts what ROCr leaves.
    assert.deepInclude(restrictedTo([card.id, radeon.id], HOST), {
      CUDA_VISIBLE_DEVICES: "",
      ROCR_VISIBLE_DEVICES: "1,GPU-00c8ab0000000001",
      HIP_VISIBLE_DEVICES: "0,1",
    })
  })

  it("hides all where there is nothing to show, whatever a user has set", () => {
    for (const ids of [[], [CPU], [remote.id], [DeviceId.make("GPU-nowhere")]]) {
      const shown = restrictedTo(ids, HOST)
      for (const variable of VENDORS.flatMap(({ masks }) => masks)) assert.match(shown[variable]!, /^(-1)?$/, variable)
    }
  })

  it("takes a GPU without a vendor for the first one's", () => {
    const host = fakeHost().with([gpu("GPU-cccc", 0)])
    assert.strictEqual(restrictedTo([DeviceId.make("GPU-cccc")], host)["CUDA_VISIBLE_DEVICES"], "GPU-cccc")
  })
})

describe("names of devices", () => {
  it("are an id, the vendor's alias with its number, or the place among the GPUs", () => {
    assert.deepStrictEqual([first, second, radeon, remote, gpu("x", 3)].map(aliasOf), [
      "cuda:0",
      "cuda:1",
      "rocm:0",
      undefined,
      "cuda:3",
    ])
    for (const [name, device] of [
      ["cuda:1", second],
      ["rocm:0", radeon],
      ["rocm:1", card],
      ["gpu:0", first],
      ["gpu:2", radeon],
      ["GPU-bbbb", second],
      ["cpu", HOST.devices[0]],
      ["gpu:4", undefined], // not a GPU
      ["cuda:2", undefined],
    ] as const)
      assert.strictEqual(deviceNamed(name, HOST), device, name)
  })
})

const NVIDIA = `case "$*" in *query-gpu*) echo "0, GPU-aaaa, Fake RTX 4090, 24564, 24000, 550.1"; echo "1, GPU-bbbb, Fake RTX 4060, 8188, 8000, 550.1";;
  --list-gpus) echo "GPU 0: Fake RTX 4090 (UUID: GPU-aaaa)";; esac`
const AMD = `case "$*" in
  "list --json") echo '[{"gpu":0,"node_id":1,"uuid":"N/A"},{"gpu":1,"node_id":2,"uuid":"N/A"}]';;
  "static --asic --driver --json") echo '[{"gpu":0,"asic":{"market_name":"Fake Radeon","asic_serial":"0x1"}},{"gpu":1,"asic":{"market_name":"Fake Instinct","asic_serial":"0x2"}}]';;
  "metric --mem-usage --json") echo '[{"gpu":0,"mem_usage":{"total_vram":{"value":16,"unit":"GB"},"free_vram":{"value":15,"unit":"GB"}}},{"gpu":1,"mem_usage":{"total_vram":{"value":64,"unit":"GB"},"free_vram":{"value":60,"unit":"GB"}}}]';;
  *) exit 2;; esac`

/** Runs `test` with the masks of all vendors as they are given, and none else. */
const masked = <A, E, R>(set: Readonly<Record<string, string>>, test: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const names = VENDORS.flatMap(({ masks }) => masks)
      const before = names.map((name) => [name, process.env[name]] as const)
      for (const name of names) {
        const value = set[name]
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      return before
    }),
    () => test,
    (before) =>
      Effect.sync(() => {
        for (const [name, value] of before)
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
      }),
  )

layer(NodeServices.layer, { excludeTestServices: true })("GPUs of this machine", (it) => {
  it.effect("are those of every vendor whose driver answers", () =>
    Effect.gen(function* () {
      yield* fakePrograms({ "nvidia-smi": NVIDIA, "amd-smi": AMD, "rocm-smi": "exit 1" })
      const { masks, visible } = yield* masked({}, gpusHere)
      assert.deepStrictEqual(
        visible.map((device) => [aliasOf(device), device.name, device.vendor]),
        [
          ["cuda:0", "Fake RTX 4090", "nvidia"],
          ["cuda:1", "Fake RTX 4060", "nvidia"],
          ["rocm:0", "Fake Radeon", "amd"],
          ["rocm:1", "Fake Instinct", "amd"],
        ],
      )
      assert.deepStrictEqual([masks, yield* presentVendors], [[], ["nvidia", "amd"]])
    }),
  )

  it.effect("are hidden by each vendor's own variables, and the host stays the same host", () =>
    Effect.gen(function* () {
      yield* fakePrograms({ "nvidia-smi": NVIDIA, "amd-smi": AMD, "rocm-smi": "exit 1" })
      const mask = {
        CUDA_VISIBLE_DEVICES: "1",
        HIP_VISIBLE_DEVICES: "1,0",
        ROCR_VISIBLE_DEVICES: "GPU-0000000000000002",
      }
      const { masks, visible } = yield* masked(mask, gpusHere)
      assert.deepStrictEqual(
        visible.map(({ name }) => name),
        // HIP's 1 names none of what ROCr has left, so what follows it is hidden, too.
        ["Fake RTX 4060"],
      )
      assert.deepStrictEqual(
        masks.map(({ hidden, variable }) => [variable, hidden.length]),
        [
          ["CUDA_VISIBLE_DEVICES", 1],
          ["ROCR_VISIBLE_DEVICES", 1],
          ["HIP_VISIBLE_DEVICES", 1],
        ],
      )
      const all = yield* masked({}, captureHost)
      assert.strictEqual((yield* masked(mask, captureHost)).fingerprint, all.fingerprint)
      assert.lengthOf(all.devices, 5)
    }),
  )

  it.effect("are none where no driver answers", () =>
    Effect.gen(function* () {
      yield* fakePrograms({ "nvidia-smi": "exit 9", "amd-smi": "exit 1", "rocm-smi": "exit 1" })
      assert.deepStrictEqual([(yield* gpusHere).all, yield* presentVendors], [[], []])
    }),
  )
})
