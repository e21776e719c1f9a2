import { assert, describe, it } from "@effect/vitest"
import { ModelFacts } from "@rigbook/core"
import { reason, verdictOf } from "@rigbook/core"
import { RunRecord } from "@rigbook/core"
import type { ConfigOutline } from "@rigbook/records"
import { fakeRecord } from "../../../records/test/fakes/records.ts"
import { nextStepsOf } from "../../src/registry/NextSteps.ts"

const outline = (id: string, planned?: ConfigOutline["planned"]): ConfigOutline => ({
  id,
  name: id.toUpperCase(),
  path: `models/configs/${id}.yaml`,
  task: "generate",
  source: { path: "model.gguf" },
  ...(planned === undefined ? {} : { planned }),
})
const judged = (code?: "noisy" | "busy-host"): RunRecord =>
  new RunRecord(
    Object.assign({}, fakeRecord(1), { verdict: verdictOf(code === undefined ? [] : [reason(code, "seen")]) }),
  )

describe("nextStepsOf", () => {
  it("puts the most urgent first, and those without a word of it between", () => {
    const configs = [
      outline("a", { priority: "low", use: "Trying" }),
      outline("b"),
      outline("c", { priority: "high", use: "Reasoning" }),
    ]
    assert.deepStrictEqual(nextStepsOf(configs, new Map()), [
      { id: "c", name: "C", priority: "high", use: "Reasoning", because: "not measured yet" },
      { id: "b", name: "B", priority: "normal", because: "not measured yet" },
      { id: "a", name: "A", priority: "low", use: "Trying", because: "not measured yet" },
    ])
  })

  it("leaves out what has a valid run, and keeps what has only others, with why", () => {
    const records = new Map([
      ["done", [judged("noisy"), judged()]],
      ["open", [judged("noisy"), judged("busy-host")]],
    ])
    assert.deepStrictEqual(
      nextStepsOf([outline("done"), outline("open")], records).map(({ because, id }) => [id, because]),
      [["open", "measured, but no run is valid: busy-host, noisy"]],
    )
  })

  it("keeps a model of which only the shape was measured", () => {
    const { cell } = judged()
    const model = new ModelFacts(Object.assign({}, cell.model as ModelFacts, { synthetic: { layers: 2 } }))
    const record = new RunRecord(Object.assign({}, judged(), { cell: { ...cell, model } }))
    assert.deepStrictEqual(
      nextStepsOf([outline("shape")], new Map([["shape", [record]]])).map(({ because }) => because),
      ["only its shape is measured, with random weights"],
    )
  })
})
