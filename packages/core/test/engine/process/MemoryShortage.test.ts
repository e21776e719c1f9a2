import { assert, describe, it } from "@effect/vitest"
import { type EngineEnd, memoryShortage } from "../../../src/engine/process/MemoryShortage.ts"

/** Written by Linux 6.18 when llama-server requested a cache of 1.2 TiB, and fell. */
const REFUSED = [
  "__vm_enough_memory: pid: 5809, comm: llama-server, bytes: 1310720118784 not enough memory for the allocation",
  "__vm_enough_memory: pid: 5809, comm: llama-server, bytes: 1310720004096 not enough memory for the allocation",
  "llama-server[5809]: segfault at 8 ip 00007f7644ae51d4 sp 00007ffc085e5c08 error 4 in libllama.so.0[e51d4,7f7644a95000+217000] likely on CPU 1 (core 1, socket 0)",
]
/** Written by the same when a process exceeded the limit of its control group. */
const KILLED = [
  "python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
  "[  10723]     0 10723    55423    52682    51040     1642         0   471040        0             0 python3",
  "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/rigbook-try,task_memcg=/rigbook-try,task=python3,pid=10723,uid=0",
  "Memory cgroup out of memory: Killed process 10723 (python3) total-vm:221692kB, anon-rss:204160kB, file-rss:6568kB, shmem-rss:0kB, UID:0 pgtables:460kB oom_score_adj:0",
]
const COUNTED_NONE = { before: 3, now: 3 }

const end = (exitCode: number, given: Partial<EngineEnd> = {}): EngineEnd => ({
  exitCode,
  pids: [5809],
  kernel: { lines: [], whole: true },
  oomKills: COUNTED_NONE,
  ...given,
})
const whole = (lines: ReadonlyArray<string>) => ({ kernel: { lines, whole: true } })

describe("memoryShortage", () => {
  it("tells what the kernel refused a process that fell", () => {
    for (const exitCode of [134, 135, 139])
      assert.strictEqual(memoryShortage(end(exitCode, whole(REFUSED))), "the kernel refused it 1220.7 GiB")
    const before66 = "__vm_enough_memory: pid: 5809, comm: llama-server, no enough memory for the allocation"
    assert.strictEqual(memoryShortage(end(139, whole([before66]))), "the kernel refused it memory")
  })

  it("is silent about a fall without a refusal, and about refusals to others", () => {
    assert.isUndefined(memoryShortage(end(139)))
    assert.isUndefined(memoryShortage(end(139, whole(REFUSED.slice(2)))))
    assert.isUndefined(memoryShortage(end(139, { ...whole(REFUSED), pids: [580, 58_090] })))
    assert.isUndefined(memoryShortage(end(139, { ...whole(REFUSED), pids: [] })))
  })

  it("does not take a refusal for the cause of an end that is no fall", () => {
    for (const exitCode of [0, 1, 137, 143]) assert.isUndefined(memoryShortage(end(exitCode, whole(REFUSED))))
  })

  it("tells a process that the kernel ended, a worker of a server that ends in order, too", () => {
    const reported = "the kernel killed its process 10723 because memory ran out"
    assert.strictEqual(memoryShortage(end(137, { ...whole(KILLED), pids: [10_723] })), reported)
    assert.strictEqual(memoryShortage(end(0, { ...whole(KILLED), pids: [10_700, 10_723] })), reported)
    for (const line of [
      "Out of memory: Killed process 10723 (vllm) total-vm:9kB, anon-rss:9kB, file-rss:9kB, shmem-rss:0kB, UID:0 pgtables:9kB oom_score_adj:0",
      "Out of memory (oom_kill_allocating_task): Killed process 10723 (vllm) total-vm:9kB",
      "Killed process 10723 (vllm) total-vm:9kB, anon-rss:9kB, file-rss:9kB",
    ])
      assert.strictEqual(memoryShortage(end(137, { ...whole([line]), pids: [10_723] })), reported, line)
  })

  it("is silent about a SIGKILL of somebody's while the kernel ended another process, or none", () => {
    assert.isUndefined(memoryShortage(end(137)))
    assert.isUndefined(memoryShortage(end(137, whole(KILLED))))
    assert.isUndefined(memoryShortage(end(137, { ...whole(KILLED), oomKills: { before: 3, now: 4 } })))
    const said = 'python3[5809]: says "Killed process 5809"'
    assert.isUndefined(memoryShortage(end(137, whole([said]))))
  })

  it("goes by the kernel's count where its log can't tell", () => {
    const counted = { oomKills: { before: 3, now: 4 } }
    const reported = "meanwhile the kernel killed 1 of its control group's processes because memory ran out"
    assert.strictEqual(memoryShortage(end(137, { kernel: undefined, ...counted })), reported)
    assert.strictEqual(memoryShortage(end(137, { kernel: { lines: [], whole: false }, ...counted })), reported)
    assert.isUndefined(memoryShortage(end(139, { kernel: undefined, ...counted })))
    assert.isUndefined(memoryShortage(end(137, { kernel: undefined })))
    assert.isUndefined(memoryShortage(end(137, { kernel: undefined, oomKills: { before: undefined, now: undefined } })))
  })
})
