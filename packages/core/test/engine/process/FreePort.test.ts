import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { freePort, isPortFree } from "../../../src/engine/process/FreePort.ts"
import { httpServer } from "../../fakes/httpServer.ts"

describe("freePort", () => {
  it.live("gives ports that can be listened on", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      assert.isTrue(Number.isInteger(port) && port > 1023 && port < 65_536)
      assert.isTrue(yield* isPortFree(port))
    }),
  )

  it.live("does not give one that is taken", () =>
    Effect.gen(function* () {
      const { port } = yield* httpServer((response) => void response.end())
      assert.isFalse(yield* isPortFree(port))
      for (let turn = 0; turn < 20; turn++) assert.notStrictEqual(yield* freePort, port)
    }),
  )
})
