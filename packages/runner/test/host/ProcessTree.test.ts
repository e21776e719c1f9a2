import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type ChildProcess, spawn } from "node:child_process"
import { guarded, guardEnvironment } from "../../../core/src/engine/process/Guard.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { MemoryReader, sampleMemory } from "../../src/host/MemorySampler.ts"
import { processName, processTree, residentBytes } from "../../src/host/ProcessTree.ts"

// Real files and processes: as long as a busy machine may take.
const MIB = 2 ** 20

/** A process for the time of the scope, in a group of its own so that its children end with it. */
const child = (command: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(command, args, {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        env: { ...process.env, ...guardEnvironment() },
      }),
    ),
    (started) =>
      Effect.callback<void>((resume) => {
        started.once("exit", () => resume(Effect.void))
        process.kill(-started.pid!, "SIGKILL")
      }),
  )
const pidOf = ({ pid }: ChildProcess): number => pid!

describe("processTree", () => {
  it.live("finds children and grandchildren, each once", () =>
    Effect.gen(function* () {
      const root = pidOf(yield* child("sh", ["-c", "sleep 1000 & sh -c 'sleep 1000 & wait' & wait"]))
      yield* until(() => processTree([root]).length === 4)
      const tree = processTree([root])
      assert.strictEqual(tree[0], root)
      assert.sameMembers([...processTree([root, tree[1]!, root])], [...tree])
      assert.includeMembers([...processTree([process.pid])], [process.pid, ...tree])
    }),
  )

  it.live("leaves our own guards out", () =>
    Effect.gen(function* () {
      const { args, command } = guarded("sleep", ["1000"])
      const guard = pidOf(yield* child(command, args))
      yield* until(() => processTree([guard]).some((pid) => residentBytes(pid) !== undefined))
      assert.notInclude(processTree([guard]), guard)
    }),
  )

  it("has nothing but the roots of processes that are not there, and they have no memory", () => {
    assert.deepStrictEqual(processTree([]), [])
    assert.deepStrictEqual(processTree([2 ** 30]), [2 ** 30])
    assert.isUndefined(residentBytes(2 ** 30))
  })
})

describe("processName", () => {
  it.live("is the kernel's name, or the whole title that a process gave itself", () =>
    Effect.gen(function* () {
      const script = (title: string) => `process.title = ${JSON.stringify(title)}; setInterval(() => {}, 1e6)`
      const plain = pidOf(yield* child("sleep", ["1000"]))
      const titled = pidOf(yield* child(process.execPath, ["-e", script("Engine::Worker_TP0 of many")]))
      yield* until(() => processName(plain) === "sleep" && processName(titled) === "Engine::Worker_TP0 of many")
      assert.strictEqual(processName(2 ** 30), "unnamed")
    }),
  )
})

describe("residentBytes", () => {
  it.live("sees the memory that a process holds", () =>
    Effect.gen(function* () {
      const own = residentBytes(process.pid)!
      assert.isAbove(own, 10 * MIB)
      const holder = pidOf(
        yield* child(process.execPath, [
          "-e",
          "const held = Buffer.alloc(200 * 2 ** 20, 1); setInterval(() => held, 1e6)",
        ]),
      )
      yield* until(() => (residentBytes(holder) ?? 0) > 200 * MIB)
    }),
  )
})

/** A reader of made-up memory: 100 bytes a process each time that the tree was looked for, and how often that was. */
const fakeReader = (pids: ReadonlyArray<number> = [1, 2]) => {
  const looked = { trees: 0 }
  const tree = () => {
    looked.trees++
    return pids
  }
  const resident = (pid: number) => (pid > 0 ? 100 * looked.trees : undefined)
  return { looked, reader: { tree, resident, name: (pid: number) => `process ${pid}` } }
}

describe("sampleMemory", () => {
  const readings = Effect.fnUntraced(function* (
    roots: ReadonlyArray<number>,
    reader: ReturnType<typeof fakeReader>["reader"],
    wait: number,
  ) {
    const ended = Effect.gen(function* () {
      const end = yield* sampleMemory(roots, 0n)
      yield* Effect.sleep(wait)
      return yield* end
    })
    const fiber = yield* Effect.forkChild(Effect.scoped(Effect.provideService(ended, MemoryReader, reader)))
    yield* TestClock.adjust(wait)
    return yield* Fiber.join(fiber)
  })

  it.effect("reads at once, every 50 ms and at the end, and adds up the tree", () =>
    Effect.gen(function* () {
      const { looked, reader } = fakeReader()
      const { atMs, processes, rssBytes } = yield* readings([1], reader, 1975)
      const origin = atMs[0]!
      assert.deepStrictEqual(
        atMs.map((at) => at - origin),
        [...Array.from({ length: 40 }, (_, index) => 50 * index), 1975],
      )
      assert.deepStrictEqual([rssBytes[0], rssBytes.at(-1)], [200, 600])
      assert.strictEqual(looked.trees, 3)
      assert.deepStrictEqual(
        processes,
        [1, 2].map((pid) => ({ pid, name: `process ${pid}`, peakRssBytes: 300 })),
      )
    }),
  )

  it.effect("says why there are no readings", () =>
    Effect.gen(function* () {
      const none = { atMs: [], rssBytes: [] }
      const { reader } = fakeReader([-1])
      assert.deepStrictEqual(yield* readings([], reader, 100), { ...none, absent: "the backend reports no process" })
      assert.deepStrictEqual(yield* readings([1], reader, 100), {
        ...none,
        absent: "no process of the engine could be read from /proc",
      })
    }),
  )

  it.live("sees a real process", () =>
    Effect.gen(function* () {
      const root = pidOf(yield* child("sleep", ["1000"]))
      yield* until(() => residentBytes(root) !== undefined)
      const { atMs, processes, rssBytes } = yield* Effect.scoped(Effect.flatten(sampleMemory([root], 0n)))
      assert.isNotEmpty(rssBytes)
      assert.strictEqual(atMs.length, rssBytes.length)
      assert.isTrue(rssBytes.every((bytes) => bytes > 0))
      assert.deepStrictEqual(processes, [{ pid: root, name: "sleep", peakRssBytes: Math.max(...rssBytes) }])
    }),
  )
})
