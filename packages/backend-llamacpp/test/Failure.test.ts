import { assert, describe, it } from "@effect/vitest"
import { failureOf } from "../src/Failure.ts"
import { recorded, recordedFailure } from "./recorded.ts"

describe("failureOf", () => {
  it.each([
    ["fail-bad-device.log", "Unsupported", "invalid device: CUDA0"],
    ["fail-bad-flag.log", "Refused", "--no-such-flag"],
    ["fail-bad-value.log", "Refused", "-c: stoi"],
    ["fail-bad-path.log", "BadModel", "can't open /nope/x.gguf: No such file"],
    ["fail-not-gguf.log", "BadModel", "not a GGUF"],
    ["fail-truncated.log", "BadModel", "blk.16.ffn_down.weight"],
    ["fail-oom-ctx.log", "OutOfMemory", "878906.25 MB"],
    ["fail-oom-ctx-fit.log", "OutOfMemory", "878906.25 MB"],
    ["fail-port-in-use.log", "Refused", "Port 18085"],
    ["placement-rpc-sm-row.log", "Unsupported", "RPC0 does not support split buffers"],
    ["fail-bad-rpc.log", "Crashed", "SIGABRT"],
  ])("reads %s as %s", (name, tag, detail) => {
    const { exitCode, log } = recordedFailure(name)
    const reason = failureOf(exitCode, log)
    assert.strictEqual(reason._tag, tag)
    assert.include(reason.detail, detail)
  })

  it("names the signal, and where to look after SIGKILL", () => {
    const reason = failureOf(137, recorded("kill-midstream.log").split("\n"))
    assert.strictEqual(reason._tag, "Crashed")
    assert.include(reason.detail, "SIGKILL")
    assert.include(reason.fix, "dmesg")
    assert.propertyVal(reason, "exitCode", 137)
  })

  it("takes what others know of a shortage where the log has lost its last line", () => {
    const log = recordedFailure("fail-oom-ctx.log").log
    const cut = log.slice(
      0,
      log.findIndex((line) => line.includes("insufficient memory")),
    )
    assert.strictEqual(failureOf(139, cut)._tag, "Crashed")
    const reason = failureOf(139, cut, "the kernel refused it 858.3 GiB")
    assert.strictEqual(reason._tag, "OutOfMemory")
    assert.strictEqual(reason.detail, "llama-server was ended by SIGSEGV: the kernel refused it 858.3 GiB.")
    // What it reported itself is more exact.
    assert.include(failureOf(139, log, "the kernel refused it 858.3 GiB").detail, "878906.25 MB")
  })

  it("tells a program for another processor and one for a newer system", () => {
    assert.include(failureOf(132, []).detail, "processor")
    const glibc = "llama-server: /lib/libc.so.6: version `GLIBC_2.38' not found (required by llama-server)"
    assert.include(failureOf(1, [glibc]).detail, "GLIBC_2.38")
  })

  it("reads CUDA's and Vulkan's words for memory, but not a warning about pinned memory", () => {
    for (const line of [
      "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: cudaMalloc failed: out of memory",
      "ggml_vulkan: Device memory allocation of size 1073741824 failed.",
      "vk::Device::allocateMemory: ErrorOutOfDeviceMemory",
    ])
      assert.strictEqual(failureOf(1, [line])._tag, "OutOfMemory", line)
    const pinned = "ggml_cuda_host_malloc: failed to allocate 64.00 MiB of pinned memory: out of memory"
    assert.strictEqual(failureOf(1, [pinned])._tag, "Crashed")
  })

  it("keeps the last words when it knows no better", () => {
    assert.include(failureOf(3, ["0.00.001.491 I srv  llama_server: initializing ...", ""]).detail, "initializing")
    assert.include(failureOf(3, []).detail, "exit code 3")
  })
})
