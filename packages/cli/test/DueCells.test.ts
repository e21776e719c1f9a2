import { assert, describe, it } from "@effect/vitest"
import { backendError, complete, NotInstalled } from "@rigbook/core"
import type { ConfigIssue } from "@rigbook/records"
import { planModel } from "@rigbook/runner"
import { Result } from "effect"
import { fakeBackend, fakeModel, fakeOptions } from "../../testkit/src/FakeBackend.ts"
import { scenario } from "../../testkit/src/FakeCell.ts"
import { fakeHost } from "../../testkit/src/FakeHosts.ts"
import { dueCells } from "../src/handlers/DueCells.ts"

const pathOf = (name: string) => `models/configs/${name}.yaml`
const planned = planModel({
  backend: complete(fakeBackend()),
  options: fakeOptions({}),
  model: fakeModel(),
  scenario: scenario({ kind: "latency", prompts: "any" }),
  host: fakeHost(),
})
const cell = (name: string) => ({ ...planned, config: { id: name, name, path: pathOf(name) } })
const failure = backendError("fake")(new NotInstalled({ detail: "It is not there.", fix: "Start it." }))
const dead = { ...cell("dead"), failure }
const issue = (name: string): ConfigIssue => ({
  file: pathOf(name),
  line: 1,
  column: 1,
  path: "",
  message: "It is wrong.",
})

type Due = Parameters<typeof dueCells<never>>[0]
/** Names of the cells that are run; or of the files that are reported instead. */
const due = (plan: Omit<Due, "invalid"> & Partial<Due>, keepGoing = false) =>
  Result.match(dueCells({ invalid: [], ...plan }, keepGoing), {
    onSuccess: ({ cells, leftOut }) => ({ run: cells.map(({ config }) => config.id), leftOut: leftOut.length }),
    onFailure: ({ issues }) => ({ refused: issues.map(({ file }) => file) }),
  })

describe("dueCells", () => {
  const good = cell("good")

  it("runs the cells of a server that is down with the others, so that it is recorded", () => {
    const missing = [issue("dead"), issue("gone")]
    assert.deepStrictEqual(due({ cells: [dead, good], issues: [], missing }), { run: ["dead", "good"], leftOut: 2 })
  })

  it("stops at a mistake before anything runs, with all that is wrong", () => {
    const plan = {
      cells: [cell("odd"), dead, good],
      issues: [issue("odd")],
      missing: [issue("dead")],
      invalid: ["odd"],
    }
    assert.deepStrictEqual(due(plan), { refused: [pathOf("odd"), pathOf("dead")] })
    assert.deepStrictEqual(due(plan, true), { run: ["dead", "good"], leftOut: 2 })
  })

  it("leaves out the variant that is wrong, and no other one of its file", () => {
    const variant = { ...good, config: { id: "good-q8", name: "good", path: pathOf("good") } }
    const plan = { cells: [good, variant], issues: [issue("good")], missing: [], invalid: ["good"] }
    assert.deepStrictEqual(due(plan, true), { run: ["good-q8"], leftOut: 1 })
  })

  it("stops where nothing is left that could be measured", () => {
    const missing = [issue("dead")]
    assert.deepStrictEqual(due({ cells: [dead], issues: [], missing }, true), { refused: [pathOf("dead")] })
    assert.deepStrictEqual(due({ cells: [], issues: [], missing }), { refused: [pathOf("dead")] })
    assert.deepStrictEqual(due({ cells: [], issues: [], missing: [] }), { run: [], leftOut: 0 })
  })
})
