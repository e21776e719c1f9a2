import { assert, describe, it } from "@effect/vitest"
import { HttpFailure } from "@rigbook/core/engine"
import { httpReason } from "../src/HttpReason.ts"

const reasonOf = (detail: string, status?: number) =>
  httpReason(
    new HttpFailure({
      path: "/v1/completions",
      detail,
      ...(status === undefined ? { kind: "truncated" } : { kind: "refused", status }),
    }),
  )

describe("httpReason", () => {
  it("tells how long the prompt was, and how long it may be", () => {
    const reason = reasonOf(
      '{"error":{"code":400,"message":"request (5001 tokens) exceeds the available context size (2048 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5001,"n_ctx":2048}}',
      400,
    )
    assert.strictEqual(reason._tag, "Refused")
    assert.include(reason.detail, "5001 tokens (n_prompt_tokens)")
    assert.include(reason.detail, "2048 (n_ctx)")
  })

  it("tells what this server can't do", () => {
    const body =
      '{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}'
    assert.strictEqual(reasonOf(body, 501)._tag, "Unsupported")
  })

  it("keeps the server's words, JSON or not", () => {
    assert.include(reasonOf('{"error":{"message":"bad grammar"}}', 400).detail, "bad grammar")
    assert.include(reasonOf("Bad Gateway", 502).detail, "Bad Gateway")
    assert.strictEqual(reasonOf('sent an error: {"message":"x"}')._tag, "Refused")
  })

  it("calls a connection that breaks off a crash", () => {
    assert.strictEqual(reasonOf("other side closed")._tag, "Crashed")
  })
})
