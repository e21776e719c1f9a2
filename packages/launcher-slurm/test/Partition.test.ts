import { assert, describe, it } from "@effect/vitest"
import { choiceOf, fromSinfo, partitionMisfit } from "../src/Partition.ts"
import { longestUnit, minutesOf, secondsOf } from "../src/Time.ts"

// As Slurm 22.05.8 prints it: a row for each kind of node, with sockets behind some GPUs.
const SINFO = `gpu*|1:00:00|2|gpu:rtx5090:2(S:0-1)
gpu*|1:00:00|1|gpu:h100:4
cpu|infinite|1|(null)
old|2-00:00:00|3|gpu:2,mps:200
`

describe("partitions", () => {
  const [gpu, cpu, old] = fromSinfo(SINFO)

  it("are read with their limits, nodes and GPUs", () => {
    assert.deepStrictEqual(gpu, {
      name: "gpu",
      isDefault: true,
      limitS: 3600,
      nodes: 3,
      gpus: new Map([
        ["rtx5090", 2],
        ["h100", 4],
      ]),
    })
    assert.deepStrictEqual(cpu, { name: "cpu", isDefault: false, nodes: 1, gpus: new Map() })
    assert.deepInclude(old, { limitS: 2 * 86_400, gpus: new Map([["", 2]]) })
  })

  const shape = { nodes: 1, gpus: 0, seconds: 60 }
  const why = (change: object, partition = gpu!) => partitionMisfit({ ...shape, ...change }, partition)?.detail

  it("refuse what never runs there, which sbatch accepts", () => {
    assert.isUndefined(why({}))
    assert.match(why({ seconds: 3600 })!, /may take 64 minutes, and the partition gpu allows 60/)
    assert.isUndefined(why({ seconds: 1e6 }, cpu))
    assert.match(why({ nodes: 4 })!, /needs 4 nodes, and the partition gpu has 3/)
    assert.isUndefined(why({ nodes: 3 }))
    assert.match(why({ gpus: 1 }, cpu)!, /needs 1 GPUs, and a node of the partition cpu has 0/)
  })

  it("refuse a type of GPU that is not theirs, and to choose one of several", () => {
    assert.isUndefined(why({ gpus: 2, gpu: "rtx5090" }))
    assert.match(why({ gpus: 3, gpu: "rtx5090" })!, /has 2 \(types: rtx5090, h100\)/)
    assert.match(why({ gpus: 1, gpu: "a100" })!, /has 0/)
    assert.match(why({ gpus: 1 })!, /several types \(rtx5090, h100\)/)
    assert.isUndefined(why({ gpus: 2 }, old))
  })

  it("are chosen with a type behind a slash", () => {
    assert.deepStrictEqual(choiceOf(undefined), {})
    assert.deepStrictEqual(choiceOf("gpu"), { partition: "gpu" })
    assert.deepStrictEqual(choiceOf("gpu/h100"), { partition: "gpu", gpu: "h100" })
  })
})

describe("a time limit", () => {
  it("leaves a unit so much time that Slurm accepts the job", () => {
    for (const limitS of [600, 601, 3600, 86_400, 172_799])
      assert.isAtMost(60 * minutesOf(longestUnit(limitS)), limitS, `${limitS}`)
  })

  for (const [text, seconds] of [
    ["30", 1800],
    ["10:30", 630],
    ["1:00:00", 3600],
    ["2-00:00:00", 172_800],
    ["1-12", 129_600],
    ["1-12:30", 131_400],
    ["infinite", undefined],
    ["UNLIMITED", undefined],
    ["n/a", undefined],
  ] as const)
    it(`${text} is ${seconds ?? "none"}`, () => assert.strictEqual(secondsOf(text), seconds))
})
