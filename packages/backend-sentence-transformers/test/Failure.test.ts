import { assert, describe, it } from "@effect/vitest"
import type { WorkerError } from "@rigbook/core/engine"
import { reasons } from "../src/Failure.ts"
import type { Request } from "../src/Protocol.ts"

const { answered: replyReason, children: replicasIn, ended: deathReason } = reasons

const failed = (message: string, type = "RuntimeError"): WorkerError => ({ kind: "failed", type, message })

describe("replyReason", () => {
  const cases: ReadonlyArray<readonly [string, Request["op"], WorkerError, string]> = [
    ["too little memory", "encode", { kind: "out-of-memory", type: "MemoryError", message: "" }, "OutOfMemory"],
    ["a bad request", "load", { kind: "bad-request", type: "BadRequest", message: "max_length" }, "Refused"],
    ["a failed call", "encode", failed("index out of range", "IndexError"), "Refused"],
    [
      "vectors that can't be used",
      "encode",
      { kind: "bad-vectors", type: "UnusableVectors", message: "all zeros" },
      "Refused",
    ],
    ["a torch without CUDA", "load", failed("Torch not compiled with CUDA enabled", "AssertionError"), "Unsupported"],
    [
      "a model with code of its own",
      "load",
      failed("Please pass `trust_remote_code=True`", "ValueError"),
      "Unsupported",
    ],
    ["a folder that is none", "load", failed("there is no folder /x", "FileNotFoundError"), "BadModel"],
  ]
  for (const [what, op, error, tag] of cases) {
    it(`takes ${what} for ${tag}`, () => {
      const reason = replyReason(op, error)
      assert.strictEqual(reason._tag, tag)
      assert.isNotEmpty(reason.fix)
    })
  }

  it("quotes one line of what Python said", () => {
    assert.include(replyReason("encode", failed("first\nsecond")).detail, "RuntimeError: first")
    assert.notInclude(replyReason("encode", failed("first\nsecond")).detail, "second")
  })
})

describe("deathReason", () => {
  it("tells a crash by its signal", () => {
    const reason = deathReason(139, ["", "Fatal Python error: Segmentation fault", ""])
    assert.strictEqual(reason._tag, "Crashed")
    assert.include(reason.detail, "signal 11: Fatal Python error")
  })

  it("points to the kernel when somebody killed it", () => {
    assert.include(deathReason(137, []).fix, "dmesg")
  })

  it("finds too little memory in the log", () => {
    const log = ["terminate called after throwing an instance of 'std::bad_alloc'", "Aborted"]
    assert.strictEqual(deathReason(134, log)._tag, "OutOfMemory")
  })

  it("believes the kernel that it ended the worker, or a replica, because memory ran out", () => {
    const gone = "The replica in process 4711 ended with exit code -9."
    assert.deepStrictEqual(replicasIn(["loading", gone, "bye"]), [4711])
    assert.strictEqual(deathReason(137, [gone])._tag, "Crashed")
    const reason = deathReason(137, [gone], "the kernel killed its process 4711 because memory ran out")
    assert.strictEqual(reason._tag, "OutOfMemory")
    assert.include(reason.detail, "exit code -9; the kernel killed its process 4711")
    assert.include(reason.fix, "smaller batch")
  })

  it("takes an interpreter that can't be started for one that is not installed", () => {
    assert.strictEqual(deathReason(127, ["rigbook-guard: 10: /x/python: not found"])._tag, "NotInstalled")
  })
})
