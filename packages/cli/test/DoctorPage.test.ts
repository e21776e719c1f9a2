import { assert, describe, it } from "@effect/vitest"
import { FAKE_HOSTS } from "../../testkit/src/FakeHosts.ts"
import { fakeRuntime } from "../../testkit/src/FakeBackend.ts"
import { doctorPage } from "../src/output/DoctorPage.ts"
import { widthOf } from "../src/output/Wrapped.ts"

const host = FAKE_HOSTS["two RTX 5090"]
const [, gpu] = host.devices
const page = (width: number): string =>
  doctorPage(
    {
      host,
      inWorkspace: true,
      masks: [],
      engines: [
        {
          backend: "llamacpp",
          used: true,
          ok: true,
          runtime: fakeRuntime(),
          unusable: [
            {
              device: gpu!.id,
              why: "llama-server finds no GPU: it was built for the processor alone.",
              fix: "Install the build for CUDA with `rigbook setup llamacpp --build cuda`.",
            },
          ],
        },
        {
          backend: "vllm",
          used: false,
          ok: false,
          problem: "vllm is not installed.",
          fix: "Run `rigbook setup vllm`.",
        },
      ],
      servers: [],
      telemetry: {
        sources: [],
        problems: ["NVML: libnvidia-ml.so.1 is not installed", "nvidia-smi: no such program"],
        devices: [],
      },
    },
    width,
  )

describe("the page of rigbook doctor", () => {
  it.each([60, 80, 120])("has no line that is wider than a terminal of %s columns", (width) => {
    const wide = page(width)
      .split("\n")
      .filter((line) => widthOf(line) > width)
    assert.deepStrictEqual(wide, [])
  })

  it("says the same whatever the width: what stands in which order", () => {
    const words = (text: string): ReadonlyArray<string> => text.split(/[\s·]+/)
    const all = new Set(words(page(200)))
    const narrow = words(page(60))
    assert.includeMembers(
      narrow,
      [...all].filter((word) => word !== "device" && word !== "backend"),
    )
    assert.isTrue(page(60).endsWith("Next: rigbook setup llamacpp --build cuda"))
  })
})
