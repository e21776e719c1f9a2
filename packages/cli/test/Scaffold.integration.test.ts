import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { checkBackend, checkMetric, checkReporter, checkVendor } from "@rigbook/testkit"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { subject } from "../scaffold/backend/src/check.ts"
import { myEngine } from "../scaffold/backend/src/index.ts"
import { examples } from "../scaffold/metric/src/check.ts"
import { myMetric } from "../scaffold/metric/src/index.ts"
import { myReporter } from "../scaffold/reporter/src/index.ts"
import { subject as serverSubject } from "../scaffold/server/src/check.ts"
import { myEngine as myServer } from "../scaffold/server/src/index.ts"
import { subject as vendorSubject } from "../scaffold/vendor/src/check.ts"
import { myVendor } from "../scaffold/vendor/src/index.ts"
import { subject as workerSubject } from "../scaffold/worker/src/check.ts"
import { myEngine as myWorker } from "../scaffold/worker/src/index.ts"
import { TOOLS, withTask } from "../src/handlers/PluginNew.ts"

/** What did not pass: the sentences of failed cases, and the names of those that were not run. */
const reported = (results: Effect.Success<ReturnType<typeof checkMetric>>): ReadonlyArray<string> =>
  results.flatMap((result) =>
    result.outcome === "passed" ? [] : [result.outcome === "failed" ? result.sentence : `not run: ${result.name}`],
  )

/** What an engine in this process has not. */
const WITHOUT_A_PROCESS = [
  "not run: leaves no process if it is interrupted while it opens",
  "not run: lets core's deadline end a request to a hanging engine",
  "not run: leaves no process when it is closed, even if SIGTERM is ignored",
  "not run: leaves no port when it is closed",
  "not run: leaves no child of the engine",
  "not run: reports too little memory as OutOfMemory",
  "not run: reports an engine killed in the middle of an answer as Crashed",
  "not run: a crashed engine stays crashed",
]

describe("what `rigbook plugin new` makes", () => {
  it.live("a backend passes its suite; not run is what an engine without a process has not", () =>
    Effect.gen(function* () {
      const results = yield* checkBackend(myEngine, subject)
      assert.isAbove(results.filter(({ outcome }) => outcome === "passed").length, 15)
      assert.deepStrictEqual(reported(results), [
        "not run: reports unsupported options",
        "not run: generate: reports running processes that were started here",
        "not run: generate: reports the same engine each time",
        "not run: embed: reports running processes that were started here",
        "not run: embed: reports the same engine each time",
        ...WITHOUT_A_PROCESS,
      ])
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.live("a server and a worker pass it in processes of their own, for both tasks", () =>
    Effect.gen(function* () {
      const quick = { openMs: 60_000, answerMs: 300_000, stallMs: 200, endMs: 60_000 }
      const limited = <A, E, R>(made: Effect.Effect<A, E, R>) => Effect.map(made, (it) => ({ ...it, limits: quick }))
      const [server, worker] = yield* Effect.all(
        [checkBackend(myServer, limited(serverSubject)), checkBackend(myWorker, limited(workerSubject))],
        { concurrency: 2 },
      )
      const noFault = ["not run: leaves no child of the engine", "not run: reports too little memory as OutOfMemory"]
      assert.deepStrictEqual(reported(server), ["not run: reports unsupported options", ...noFault])
      assert.deepStrictEqual(reported(worker), [
        "not run: reports unsupported options",
        "not run: generate: reports the same engine each time",
        "not run: embed: reports the same engine each time",
        "not run: leaves no port when it is closed",
        ...noFault,
      ])
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it("a backend is for the task that was requested", () => {
    for (const kind of ["backend", "server", "worker"]) {
      const source = (name: string) => readFileSync(join(import.meta.dirname, "../scaffold", kind, "src", name), "utf8")
      assert.match(withTask(source("index.ts"), "embed"), /tasks(?: =|:) \["embed"\]/)
      assert.include(withTask(source("check.ts"), "generate"), "models: { generate: files }")
      assert.strictEqual(withTask(source("index.ts"), "both"), source("index.ts"))
    }
  })

  it.effect("a vendor of GPUs passes its own without one; not run is what only a tool that answers could show", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(reported(yield* checkVendor(myVendor, vendorSubject)), ["not run: reads its devices"])
    }),
  )

  it.effect("a metric and a reporter pass theirs", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(reported(yield* checkMetric(myMetric, examples)), [])
      assert.deepStrictEqual(reported(yield* checkReporter(myReporter)), [])
    }),
  )

  it("is made with the tools that Rigbook is made with", () => {
    const root = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")) as {
      readonly devDependencies: Readonly<Record<string, string>>
    }
    for (const [name, range] of Object.entries(TOOLS)) assert.strictEqual(range, `^${root.devDependencies[name]!}`)
  })
})
