import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { markText, ownMark } from "@rigbook/core/engine"
import { Effect, Fiber, FileSystem } from "effect"
import { utimesSync } from "node:fs"
import { join } from "node:path"
import { placing } from "../src/Placing.ts"

const own = ownMark()
const ENDED = markText({ ...own, start: "1" })
const ELSEWHERE = markText({ ...own, host: "another-login-node", boot: "0" })

layer(NodeServices.layer, { excludeTestServices: true })("a unit that several programs place", (it) => {
  const folder = Effect.gen(function* () {
    const path = join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), "unit")
    yield* (yield* FileSystem.FileSystem).makeDirectory(path)
    return path
  })

  /** How many place it at the same time, at the most. */
  const most = Effect.fnUntraced(function* (path: string) {
    let [now, found] = [0, 0]
    const place = Effect.gen(function* () {
      found = Math.max(found, ++now)
      yield* Effect.sleep(5)
      now--
    })
    yield* Effect.forEach(Array(8), () => placing(path, place), { concurrency: 8, discard: true })
    return found
  })

  it.effect("is placed by one after the other, and nothing is left of that", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* folder
      assert.strictEqual(yield* most(path), 1)
      assert.deepStrictEqual(yield* fs.readDirectory(path), [])
      assert.strictEqual(yield* Effect.flip(placing(path, Effect.fail("refused"))), "refused")
      assert.deepStrictEqual(yield* fs.readDirectory(path), [])
    }),
  )

  it.effect("is placed by one though another was killed over it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* folder
      yield* fs.writeFileString(join(path, "placing-1"), ENDED)
      assert.strictEqual(yield* most(path), 1)
    }),
  )

  it.effect("waits for one of another machine, unless that has had all the time that it takes", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* folder
      const file = join(path, "placing-3")
      yield* fs.writeFileString(file, ELSEWHERE)
      let placed = 0
      const waiting = yield* Effect.forkScoped(
        placing(
          path,
          Effect.sync(() => placed++),
        ),
      )
      yield* Effect.sleep(300)
      assert.strictEqual(placed, 0)
      utimesSync(file, 0, 0)
      yield* Fiber.join(waiting)
      assert.strictEqual(placed, 1)
    }),
  )
})
