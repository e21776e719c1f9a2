import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { checkBackend, checkMetric, checkReporter } from "@rigbook/testkit"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { subject } from "../scaffold/backend/src/check.ts"
import { myEngine } from "../scaffold/backend/src/index.ts"
import { examples } from "../scaffold/metric/src/check.ts"
import { myMetric } from "../scaffold/metric/src/index.ts"
import { myReporter } from "../scaffold/reporter/src/index.ts"
import { namesOf, TOOLS } from "../src/handlers/PluginNew.ts"

/** What did not pass: the sentences of failed cases, and the names of those that were not run. */
const reported = (results: Effect.Success<ReturnType<typeof checkMetric>>): ReadonlyArray<string> =>
  results.flatMap((result) =>
    result.outcome === "passed" ? [] : [result.outcome === "failed" ? result.sentence : `not run: ${result.name}`],
  )

describe("what `rigbook plugin new` makes", () => {
  it.live("a backend passes its suite; not run is what an engine without a process has not", () =>
    Effect.gen(function* () {
      const results = yield* checkBackend(myEngine, subject)
      assert.isAbove(results.filter(({ outcome }) => outcome === "passed").length, 15)
      assert.deepStrictEqual(reported(results), [
        "not run: reports unsupported options",
        "not run: generate: reports running processes that were started here",
        "not run: generate: reports the same engine each time",
        "not run: leaves no process if it is interrupted while it opens",
        "not run: lets core's deadline end a request to a hanging engine",
        "not run: leaves no process when it is closed, even if SIGTERM is ignored",
        "not run: leaves no port when it is closed",
        "not run: leaves no child of the engine",
        "not run: reports too little memory as OutOfMemory",
        "not run: reports an engine killed in the middle of an answer as Crashed",
        "not run: a crashed engine stays crashed",
      ])
    }).pipe(Effect.provide(NodeServices.layer)),
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

describe("namesOf", () => {
  it.each([
    ["rigbook-backend-echo", "backend", { id: "echo", value: "echoBackend", file: "EchoBackend" }],
    ["@me/slow.token", "metric", { id: "slow_token", value: "slowTokenMetric", file: "SlowTokenMetric" }],
    ["rigbook", "reporter", { id: "rigbook", value: "rigbookReporter", file: "RigbookReporter" }],
    ["new", "backend", { id: "new", value: "newBackend", file: "NewBackend" }],
    ["Not A Name", "backend", undefined],
    ["../up", "backend", undefined],
    ["@me/../up", "backend", undefined],
    ["4bit", "backend", undefined],
  ] as const)("%s", (name, kind, names) => {
    assert.deepStrictEqual(namesOf(name, kind), names)
  })
})
