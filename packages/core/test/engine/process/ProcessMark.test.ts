import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { markText, ownMark, parseMark, stateOf } from "../../../src/engine/process/ProcessMark.ts"
import { parseStat } from "../../../src/engine/process/ProcStat.ts"

describe("ProcessMark", () => {
  const own = ownMark()

  it("reads back what it writes, and nothing else", () => {
    assert.deepStrictEqual(parseMark(markText(own)), own)
    const bare = { pid: 7, start: "-", namespace: "-", boot: "-", host: "a.b-c_d" }
    assert.deepStrictEqual(parseMark(markText(bare)), bare)
    for (const text of ["", "1", "hello", "-1~2~3~4~h", "0~1~2~3~h", "1~2~3~4~", "1~2~3~4~h/..", "1~2~3~4~h\n"])
      assert.isUndefined(parseMark(text), text)
  })

  it("tells this process from one that had its id before, and from one that has ended", () => {
    assert.strictEqual(stateOf(own), "running")
    if (own.start !== "-") assert.strictEqual(stateOf({ ...own, start: "1" }), "ended")
    assert.strictEqual(stateOf({ ...own, pid: spawnSync("true").pid }), "ended")
  })

  it("knows that a machine that was started again, or a container of the same name, has nothing left", () => {
    assert.strictEqual(stateOf({ ...own, boot: "00000000" }), "ended")
    assert.strictEqual(stateOf({ ...own, namespace: "1" }), "ended")
  })

  it("does not judge processes of another machine or container", () => {
    assert.strictEqual(stateOf({ ...own, host: "other", boot: "00000000" }), "elsewhere")
    assert.strictEqual(stateOf({ ...own, host: "other", namespace: "1" }), "elsewhere")
  })

  it("reads what the kernel says, whatever the name of a process", () => {
    const stat = "42 (a) b (c) S 1 40 39 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 2 3"
    assert.deepStrictEqual(parseStat(stat), { state: "S", parent: 1, group: 40, session: 39, start: "987654" })
    assert.isUndefined(parseStat(""))
  })
})
