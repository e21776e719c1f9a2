import { assert, describe, it } from "@effect/vitest"
import { CPU, type DemandPart } from "@rigbook/core"
import { Schema } from "effect"
import { stripVTControlCharacters } from "node:util"
import { describedHost } from "../../runner/src/host/HostDescription.ts"
import { memoryBar, memoryLines } from "../src/output/MemoryBar.ts"

const GIB = 2 ** 30
const parts = (sizes: Readonly<Record<string, number>>): ReadonlyArray<DemandPart> =>
  Object.entries(sizes).map(([name, bytes]) => ({ name, bytes, basis: "formula", formula: "given by the test" }))
const bar = (sizes: Readonly<Record<string, number>>, free?: number): string =>
  stripVTControlCharacters(memoryBar(parts(sizes), free))

const Bytes = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 * GIB }))

describe("memoryBar", () => {
  it("shows what is needed of what is free, in letters that are read without colour", () => {
    assert.strictEqual(
      bar({ weights: 20 * GIB, "KV cache": 5 * GIB, compute: GIB, margin: GIB }, 40 * GIB),
      "[WWWWWWWWWWWWWWWWWWWWKKKKKCO.............]",
    )
    assert.strictEqual(bar({ weights: 3, "KV cache": 1 }), `[${"W".repeat(30)}${"K".repeat(10)}]`)
    assert.strictEqual(bar({ embedding: GIB, compute: 1 }, 2 * GIB), `[${"W".repeat(20)}C${".".repeat(19)}]`)
  })

  it.prop(
    "is as long whatever there is, and shows each kind that is there",
    { weights: Bytes, cache: Bytes, compute: Bytes, free: Bytes },
    ({ cache, compute, free, weights }) => {
      const drawn = bar({ weights, "KV cache": cache, compute }, free)
      assert.lengthOf(drawn, 42)
      for (const [letter, bytes] of [
        ["W", weights],
        ["K", cache],
        ["C", compute],
      ] as const)
        assert.strictEqual(drawn.includes(letter), bytes > 0)
    },
  )
})

describe("memoryLines", () => {
  it("fits a terminal of 80 columns", () => {
    const memory = { totalMiB: 200_000, freeMiB: 190_000 }
    const host = describedHost({
      name: "Rig",
      cpu: { model: "CPU", logicalCores: 8 },
      memory,
      gpus: [{ name: "GPU", count: 1, ...memory }],
    })
    const lines = memoryLines(
      [
        { device: host.devices[1]!.id, parts: parts({ weights: 150 * GIB }) },
        { device: CPU, parts: parts({ embedding: GIB }) },
      ],
      host,
      78,
    ).map(stripVTControlCharacters)
    assert.match(lines[0]!, /^cuda:0 \[W+\.+\] 150\.00 of 185\.55 GiB$/)
    assert.match(lines[1]!, /^cpu {4}\[W\.+\] 1\.00 of 185\.55 GiB$/)
    for (const line of lines) assert.isAtMost(line.length, 76)
  })
})
