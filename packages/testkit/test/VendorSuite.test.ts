import { assert, describe, it } from "@effect/vitest"
import { Device, DeviceId, deviceReading, type Vendor } from "@rigbook/core"
import { Effect } from "effect"
import { amd } from "../../runner/src/vendors/Amd.ts"
import { nvidia } from "../../runner/src/vendors/Nvidia.ts"
import { checkVendor } from "../src/index.ts"

const gpu = (id: string, index: number, vendor = "fake") =>
  new Device({ id: DeviceId.make(id), kind: "gpu", name: id, index, memoryBytes: 8, freeBytes: 8, vendor })
const GPUS = [gpu("FAKE-a", 0), gpu("FAKE-b", 1)]

const whole: Vendor = {
  id: "fake",
  alias: "fake",
  present: Effect.succeed(true),
  discover: Effect.succeed(GPUS),
  read: [
    Effect.succeed({ name: "fake", read: () => GPUS.map(({ id }) => deviceReading(id, {}, "it reports nothing")) }),
  ],
  masks: ["FAKE_DEVICES"],
  restrict: (devices) => ({ FAKE_DEVICES: devices.map(({ index }) => index).join(",") }),
}

const failed = (vendor: Vendor) =>
  Effect.map(checkVendor(vendor), (results) =>
    results.flatMap((result) => (result.outcome === "failed" ? [`${result.name}: ${result.sentence}`] : [])),
  )

const BROKEN: ReadonlyArray<readonly [fault: string, change: Partial<Vendor>, says: RegExp]> = [
  ["its alias is a processor's", { alias: "cpu" }, /^says what it is: The alias "cpu" names other devices/],
  [
    "its GPUs have other ids each time",
    { discover: Effect.sync(() => [gpu(`FAKE-${Math.random()}`, 0)]) },
    /^finds the same GPUs each time: /,
  ],
  ["its GPUs are another's", { discover: Effect.succeed([gpu("FAKE-a", 0, "other")]) }, /^describes its GPUs: .*other/],
  ["it finds GPUs without a driver", { present: Effect.succeed(false) }, /^is absent as a whole: .*gives 2 GPUs/],
  ["it hides none", { restrict: () => ({}) }, /^hides all its GPUs where none may be used: .*FAKE_DEVICES to nothing/],
  [
    "it shows all",
    { restrict: (devices) => ({ FAKE_DEVICES: devices.length === 0 ? "" : "0,1" }) },
    /^shows a child the GPUs .*For FAKE-a restrict gives \{"FAKE_DEVICES":"0,1"\}, by which its runtime finds FAKE-a, FAKE-b/,
  ],
  [
    "it reads what is not there",
    { read: [Effect.succeed({ name: "fake", read: () => [deviceReading(DeviceId.make("X"), {}, "no")] })] },
    /^reads its devices: fake reads X, which discover does not find/,
  ],
  [
    "it reads nothing of GPUs that are there",
    { read: [Effect.succeed({ name: "fake", read: () => [] })] },
    /^reads its devices: fake reads none of FAKE-a, FAKE-b/,
  ],
]

describe("the suite for vendors", () => {
  it.effect("passes one that conforms, and Rigbook's own where they have no GPU", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* failed(whole), [])
      for (const [vendor, ids] of [
        [nvidia, ["GPU-aaaa", "GPU-bbbb"]],
        [amd, ["GPU-00c8ab0000000001", "GPU-00c8ab0000000002"]],
      ] as const) {
        const devices = ids.map((id, index) => gpu(id, index, vendor.id))
        const results = yield* checkVendor({ ...vendor, discover: Effect.succeed(devices) }, { devices })
        const shown = results.find(({ name }) => name.startsWith("shows"))
        assert.deepStrictEqual(shown?.outcome, "passed", JSON.stringify(shown))
      }
    }),
  )

  for (const [fault, change, says] of BROKEN)
    it.effect(`finds that ${fault}`, () =>
      Effect.gen(function* () {
        const found = yield* failed({ ...whole, ...change })
        assert.match(found.join("\n"), says)
      }),
    )
})
