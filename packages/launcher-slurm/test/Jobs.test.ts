import { assert, describe, it } from "@effect/vitest"
import { byName, fromSacct, fromSqueue } from "../src/Jobs.ts"

const A = "rigbook-aaaaaaaaaaaaaaaa-a1"
const B = "rigbook-bbbbbbbbbbbbbbbb-a1"

describe("what squeue prints", () => {
  it("is read with exit codes as wait statuses", () => {
    // As Slurm 22.05.8 prints them.
    const text = `7|${A}|FAILED|NonZeroExitCode|box1|768|\n8|${B}|PENDING|Resources|(null)|0|\n\n`
    assert.deepStrictEqual(fromSqueue(text), [
      { id: "7", name: A, state: "FAILED", reason: "NonZeroExitCode", nodes: "box1", exitCode: 3, signal: 0 },
      { id: "8", name: B, state: "PENDING", reason: "Resources", nodes: "", exitCode: 0, signal: 0 },
    ])
    assert.deepInclude(fromSqueue(`9|${A}|FAILED|RaisedSignal:9(Killed)|box1|9|\n`)[0], { exitCode: 0, signal: 9 })
  })

  it("is nothing where it is a sentence", () => {
    assert.deepStrictEqual(fromSqueue("slurm_load_jobs error: Invalid job id specified\n"), [])
  })
})

describe("what sacct prints", () => {
  it("is read with codes and signals, and states without what follows", () => {
    assert.deepStrictEqual(fromSacct(`7|${A}|CANCELLED by 0|0:15|None assigned\n8|${B}|FAILED|3:0|box2\n`), [
      { id: "7", name: A, state: "CANCELLED", reason: "", nodes: "", exitCode: 0, signal: 15 },
      { id: "8", name: B, state: "FAILED", reason: "", nodes: "box2", exitCode: 3, signal: 0 },
    ])
  })
})

describe("the job of a name", () => {
  const job = (id: string, name: string, state: string) => fromSqueue(`${id}|${name}|${state}|None|box1|0|\n`)[0]!

  it("is the one in the queue before the one in the accounts, which may be stale", () => {
    const found = byName([job("7", A, "RUNNING")], [job("7", A, "COMPLETED"), job("8", B, "COMPLETED")], new Map())
    assert.deepStrictEqual([found.get(A)!.state, found.get(B)!.state], ["RUNNING", "COMPLETED"])
  })

  it("is the submitted one, and never another of its name; else the latest", () => {
    const jobs = [job("7", A, "FAILED"), job("11", A, "RUNNING"), job("9", A, "PENDING")]
    assert.strictEqual(byName(jobs, [], new Map([[A, "7"]])).get(A)!.id, "7")
    assert.isUndefined(byName(jobs, [], new Map([[A, "12"]])).get(A))
    assert.strictEqual(byName(jobs, [], new Map()).get(A)!.id, "11")
  })
})
