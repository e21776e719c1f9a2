import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cleanBackend } from "../src/CleanBackend.ts"
import { BackendError, backendError, Refused } from "../src/runtime/BackendError.ts"
import { RequestFailed, requestFailed } from "../src/runtime/RequestFailed.ts"
import { Effective, Runtime } from "../src/runtime/Runtime.ts"

const SAID = "\u001B[31mred\u001B[0m \u202E sk-made-up-word-1"
const CLEAN = "red [U+202E] sk-***"
const reason = new Refused({ detail: SAID, fix: SAID, status: 401 })
const fail = backendError("x")(reason, [SAID])
const failed = requestFailed("x")(reason, { kind: "refused", status: 401 }, [SAID])
const runtimeOf = (said: string) =>
  new Runtime({ program: said, version: said, origin: "named", path: said, libraries: { [said]: said } })
const effectiveOf = (said: string) =>
  new Effective({ devices: [], settings: { [said]: said, n: 1 }, buffers: [{ device: said, kind: "x", bytes: 1 }] })

const dirty = cleanBackend<null, never>({
  probe: () => Effect.succeed(runtimeOf(SAID)),
  open: () =>
    Effect.succeed({
      effective: effectiveOf(SAID),
      pids: [1],
      send: () => Effect.fail(failed),
      diverge: () => Effect.fail(fail),
      identify: Effect.succeed({ program: { model: SAID }, process: {} }),
    }),
})

describe("cleanBackend", () => {
  it.effect("hands on how long a probe may wait", () =>
    Effect.gen(function* () {
      const waits: Array<number | undefined> = []
      const { probe } = cleanBackend<null, never>({
        probe: (_, options) => Effect.sync(() => (waits.push(options?.waitMs), runtimeOf("x"))),
        open: () => Effect.never,
      })
      yield* probe(null, { waitMs: 7 })
      assert.deepStrictEqual(waits, [7])
    }),
  )

  it.effect("cleans all that an engine says of itself", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* dirty.probe(null), runtimeOf(CLEAN))
      const session = yield* Effect.scoped(dirty.open({} as never))
      assert.deepStrictEqual(session.effective, effectiveOf(CLEAN))
      assert.deepStrictEqual(yield* session.identify!, { program: { model: CLEAN }, process: {} })
      const error = yield* Effect.flip(session.send({} as never, { sent: () => {}, chunk: () => {} }))
      assert.instanceOf(error, RequestFailed)
      assert.deepInclude(error, { kind: "refused", status: 401, logTail: [CLEAN] })
      assert.deepInclude(error.reason, { detail: CLEAN, fix: CLEAN, status: 401 })
      assert.deepStrictEqual((yield* Effect.flip(session.diverge!({} as never))).logTail, [CLEAN])
    }),
  )

  it.effect("cleans why it can't be opened, and leaves alone what is clean", () =>
    Effect.gen(function* () {
      const failing = cleanBackend<null, never>({ probe: () => Effect.fail(fail), open: () => Effect.fail(fail) })
      for (const error of [
        yield* Effect.flip(failing.probe(null)),
        yield* Effect.flip(Effect.scoped(failing.open({} as never))),
      ]) {
        assert.instanceOf(error, BackendError)
        assert.include(error.message, CLEAN)
        assert.deepStrictEqual(error.logTail, [CLEAN])
      }
      const runtime = runtimeOf("llama-server b6940 (1a2b)")
      const clean = cleanBackend<null, never>({ probe: () => Effect.succeed(runtime), open: () => Effect.fail(fail) })
      assert.strictEqual(yield* clean.probe(null), runtime)
    }),
  )

  it.effect("never makes a name empty", () =>
    Effect.gen(function* () {
      const { probe } = cleanBackend<null, never>({
        probe: () => Effect.succeed(runtimeOf("\u001B[31m")),
        open: () => Effect.fail(fail),
      })
      assert.strictEqual((yield* probe(null)).program, "[U+001B][31m")
    }),
  )
})
