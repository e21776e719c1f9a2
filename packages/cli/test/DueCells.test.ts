import { assert, describe, it } from "@effect/vitest"
import { backendError, NotInstalled } from "@rigbook/core"
import type { ConfigIssue } from "@rigbook/records"
import { Effect } from "effect"
import { fakeCell } from "../../testkit/src/FakeCell.ts"
import { dueCells } from "../src/handlers/DueCells.ts"

const pathOf = (name: string) => `models/configs/${name}.yaml`
const cell = (name: string) => fakeCell({}, { config: { id: name, name, path: pathOf(name) } })
const failure = backendError("fake")(new NotInstalled({ detail: "It is not there.", fix: "Start it." }))
const dead = { ...cell("dead"), failure }
const issue = (name: string): ConfigIssue => ({
  file: pathOf(name),
  line: 1,
  column: 1,
  path: "",
  message: "It is wrong.",
})

/** Names of the cells that are run; or of the files that are told of instead. */
const due = (plan: Parameters<typeof dueCells<never>>[0], keepGoing = false) =>
  Effect.runSync(
    Effect.match(dueCells(plan, keepGoing), {
      onSuccess: ({ cells, leftOut }) => ({ run: cells.map(({ spec }) => spec.config.id), told: leftOut.length }),
      onFailure: ({ issues }) => ({ refused: issues.map(({ file }) => file) }),
    }),
  )

describe("dueCells", () => {
  const good = cell("good")

  it("runs the cells of a server that is down with the others, so that it is recorded", () => {
    const missing = [issue("dead"), issue("gone")]
    assert.deepStrictEqual(due({ cells: [dead, good], issues: [], missing }), { run: ["dead", "good"], told: 2 })
  })

  it("stops at a mistake before anything runs, with all that is wrong", () => {
    const plan = { cells: [cell("odd"), dead, good], issues: [issue("odd")], missing: [issue("dead")] }
    assert.deepStrictEqual(due(plan), { refused: [pathOf("odd"), pathOf("dead")] })
    assert.deepStrictEqual(due(plan, true), { run: ["dead", "good"], told: 2 })
  })

  it("stops where nothing is left that could be measured", () => {
    const missing = [issue("dead")]
    assert.deepStrictEqual(due({ cells: [dead], issues: [], missing }, true), { refused: [pathOf("dead")] })
    assert.deepStrictEqual(due({ cells: [], issues: [], missing }), { refused: [pathOf("dead")] })
    assert.deepStrictEqual(due({ cells: [], issues: [], missing: [] }), { run: [], told: 0 })
  })
})
