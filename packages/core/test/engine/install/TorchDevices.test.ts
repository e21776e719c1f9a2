import { assert, describe, it } from "@effect/vitest"
import { torchVendor, unusableByTorch } from "../../../src/engine/install/TorchDevices.ts"
import { Device, DeviceId } from "../../../src/host/Host.ts"
import { fakeHost } from "../../../../testkit/src/FakeHosts.ts"

const gpu = (id: string, vendor?: string) =>
  new Device({ id: DeviceId.make(id), kind: "gpu", name: id, ...(vendor === undefined ? {} : { vendor }) })
const host = fakeHost().with([gpu("GPU-n", "nvidia"), gpu("GPU-a", "amd"), gpu("GPU-described")])
const engine = { backend: "vllm", option: "vllm", isNamed: false }

describe("PyTorch's builds", () => {
  it("are for one vendor, or for none", () => {
    assert.deepStrictEqual(["2.13.0+cpu", "2.13.0", "2.13.0+cu130", "2.9.1+rocm6.4"].map(torchVendor), [
      undefined,
      "nvidia",
      "nvidia",
      "amd",
    ])
  })

  it("can't use another vendor's GPUs: why, and the command where setup has one", () => {
    assert.deepStrictEqual(
      unusableByTorch({ ...engine, torch: "2.13.0+cpu" }, host).map(({ device, fix }) => [String(device), fix]),
      [
        ["GPU-n", "Run `rigbook setup vllm`."],
        ["GPU-a", "Name a `vllm` whose PyTorch is built for it in backends.vllm."],
      ],
    )
    assert.deepStrictEqual(
      unusableByTorch({ ...engine, torch: "2.13.0" }, host).map(({ device }) => String(device)),
      ["GPU-a"],
    )
    assert.match(
      unusableByTorch({ ...engine, torch: "2.9.1+rocm6.4", isNamed: true }, host)[0]!.fix,
      /^Leave `vllm` out of backends\.vllm, and run `rigbook setup vllm`\.$/,
    )
  })
})
