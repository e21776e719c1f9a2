import { assert, describe, it } from "@effect/vitest"
import { HttpFailure } from "../../../src/engine/process/HttpFailure.ts"
import { notStarted, reasonsOf } from "../../../src/engine/server/ServerReasons.ts"
import { Crashed } from "../../../src/runtime/BackendError.ts"

const { dying, ended, refused, unready } = reasonsOf<undefined>("my-server")
const failure = (status?: number) =>
  new HttpFailure({
    path: "/v1/completions",
    kind: status === undefined ? "reset" : "refused",
    detail: "no",
    ...(status === undefined ? {} : { status }),
  })

describe("reasonsOf", () => {
  it("names the engine, and how it ended", () => {
    const log = ["loading", "out of luck", ""]
    assert.deepInclude(ended({ exitCode: 3, log, shortage: undefined }), {
      _tag: "Crashed",
      detail: "my-server ended with exit code 3; its last line: out of luck.",
      exitCode: 3,
    })
    assert.deepInclude(ended({ exitCode: 137, log: [], shortage: undefined }), {
      _tag: "Crashed",
      detail: "my-server was ended by signal 9.",
    })
    assert.deepInclude(ended({ exitCode: 137, log, shortage: "the kernel refused it 3.0 GiB" }), {
      _tag: "OutOfMemory",
      detail: "my-server was ended by signal 9: the kernel refused it 3.0 GiB.",
    })
  })

  it("tells a refusal from what can't be done, and from a connection that broke", () => {
    const tags = [undefined, 400, 404, 501, 429, 500].map((status) => refused(failure(status), undefined)._tag)
    assert.deepStrictEqual(tags, ["Crashed", "Refused", "Unsupported", "Unsupported", "Refused", "Refused"])
    assert.deepInclude(refused(failure(429), undefined), {
      detail: "my-server refuses /v1/completions (HTTP 429): no.",
      status: 429,
    })
    assert.deepStrictEqual([dying(failure()), dying(failure(500))], [2, undefined])
  })

  it("says that it was not ready, or not there", () => {
    assert.deepInclude(unready(50, undefined), { _tag: "TimedOut", afterMs: 50 })
    assert.deepInclude(notStarted("/opt/it", "ENOENT"), {
      _tag: "NotInstalled",
      detail: "/opt/it can't be started: ENOENT.",
    })
  })

  it("takes the engine's own words where there are some", () => {
    const own = new Crashed({ detail: "Mine.", fix: "Fix it." })
    const reasons = reasonsOf("my-server", { ended: () => own })
    assert.strictEqual(reasons.ended({ exitCode: 1, log: [], shortage: undefined }), own)
    assert.strictEqual(reasons.refused(failure(404), undefined)._tag, "Unsupported")
  })
})
