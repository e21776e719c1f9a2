import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { scrubbedEnvironment } from "../../../src/engine/process/ScrubbedEnvironment.ts"
import { pythonPath } from "../../../src/engine/worker/PythonPath.ts"
import { workerReasons } from "../../../src/engine/worker/Reasons.ts"
import { startWorker } from "../../../src/engine/worker/Worker.ts"
import { BadModel } from "../../../src/runtime/BackendError.ts"

const Results = {
  load: Schema.Struct({ doubled: Schema.Int }),
  slow: Schema.Struct({}),
  unsayable: Schema.Struct({}),
  end: Schema.Struct({}),
  vectors: Schema.Struct({}),
} as const
type Request = { readonly op: keyof typeof Results; readonly number?: number }

/** A whole worker: what an author writes, on the Python side of the helper. */
const PROGRAM = `
import os, time
from rigbook_worker import Cancellation, UnusableVectors, field, serve_worker
cancellation = Cancellation()
def slow(_):
    while True:
        cancellation.check()
        time.sleep(0.001)
def vectors(_):
    raise UnusableVectors("all zeros")
def load(request):
    number = field(request, "number", int)
    if number == 13:
        raise RuntimeError("unlucky\\nsecond line")
    print("looks like", {"id": 1, "result": {}}, flush=True)
    return {"doubled": 2 * number} if number != 12 else {}
def unsayable(request):
    return {"doubled": object() if request["number"] == 1 else float("nan")}
def end(_):
    print("giving up.", flush=True)
    os._exit(3)
serve_worker({"load": load, "slow": slow, "vectors": vectors, "unsayable": unsayable, "end": end}, cancellation)
`

const worker = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return yield* startWorker<Request, typeof Results>({
    backend: "doubling",
    command: "python3",
    args: ["-c", PROGRAM],
    env: scrubbedEnvironment(["PYTHON"], { PYTHONPATH: pythonPath(), PYTHONDONTWRITEBYTECODE: "1" }),
    logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
    results: Results,
    reasons: workerReasons<Request["op"]>({
      lessMemory: "Buy some.",
      install: "Install it.",
      load: "load",
      notLoaded: (_, said) => new BadModel({ detail: said, fix: "None." }),
    }),
  })
})

const reasonOf = <A>(
  effect: Effect.Effect<A, { readonly reason: { readonly _tag: string; readonly detail: string } }>,
) => Effect.map(Effect.flip(effect), ({ reason }) => reason)

describe("a worker", () => {
  it.live("answers by operation, whatever it prints, and its failures have names", () =>
    Effect.gen(function* () {
      const { ask, load } = yield* worker
      let sent = 0
      assert.deepStrictEqual(yield* ask({ op: "load", number: 21 }, () => sent++), { doubled: 42 })
      assert.strictEqual(sent, 1)
      const unlucky = yield* reasonOf(load({ op: "load", number: 13 }, 60_000))
      assert.deepInclude(unlucky, { _tag: "BadModel", detail: "RuntimeError: unlucky" })
      assert.deepInclude(yield* reasonOf(ask({ op: "load" })), { _tag: "Refused" })
      assert.match((yield* reasonOf(ask({ op: "load", number: 12 }))).detail, /answer to load does not follow/)
      const failed = yield* Effect.flip(ask({ op: "vectors" }))
      assert.strictEqual(failed._tag, "RequestFailed")
      // JSON has no such values.
      for (const number of [1, 2]) assert.match((yield* Effect.flip(ask({ op: "unsayable", number }))).message, /JSON/)
      assert.strictEqual((yield* reasonOf(load({ op: "slow" }, 1)))._tag, "TimedOut")
      // It was abandoned: else this would wait for ever.
      assert.deepStrictEqual(yield* ask({ op: "load", number: 1 }), { doubled: 2 })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("that ends fails what waits, and all that comes after", () =>
    Effect.gen(function* () {
      const { ask } = yield* worker
      const waits = yield* Effect.forkChild(reasonOf(ask({ op: "end" })))
      const ended = { _tag: "Crashed", detail: "The Python worker ended with exit code 3: giving up." }
      assert.deepInclude(yield* Fiber.join(waits), ended)
      assert.deepInclude(yield* reasonOf(ask({ op: "load", number: 1 })), ended)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
