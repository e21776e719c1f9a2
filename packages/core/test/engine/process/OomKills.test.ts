import { assert, describe, it } from "@effect/vitest"
import { counterFiles, countIn } from "../../../src/engine/process/OomKills.ts"

describe("the kernel's count of processes that it ended because memory ran out", () => {
  it("lies with the control group, in both versions", () => {
    assert.deepStrictEqual(counterFiles("0::/user.slice/user-1000.slice/session-2.scope\n"), [
      "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/memory.events",
    ])
    assert.deepStrictEqual(counterFiles("9:name=systemd:/\n5:cpu,memory:/jobs/7\n3:cpuset:/\n0::/\n"), [
      "/sys/fs/cgroup/memory/jobs/7/memory.oom_control",
      "/sys/fs/cgroup//memory.events",
    ])
    assert.deepStrictEqual(counterFiles(""), [])
  })

  it("is read from both", () => {
    assert.strictEqual(countIn("low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n"), 1)
    assert.strictEqual(countIn("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"), 4)
    assert.isUndefined(countIn("oom_kill_disable 0\nunder_oom 0\n"))
    assert.isUndefined(countIn(""))
  })
})
