import { assert, describe, it } from "@effect/vitest"
import { ceilingsIn, memoryCeilings } from "../../../src/engine/process/MemoryCeilings.ts"

const limits = (addressSpace: string, data: string) =>
  [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    `Max data size             ${data.padEnd(20)} unlimited            bytes     `,
    "Max stack size            8388608              unlimited            bytes     ",
    `Max address space         ${addressSpace.padEnd(20)} unlimited            bytes     `,
  ].join("\n")
const MEMINFO = ["MemTotal:       24683120 kB", "SwapTotal:             1024 kB", "CommitLimit:    12342048 kB"].join(
  "\n",
)
const bytesOf = (...texts: Parameters<typeof ceilingsIn>) => ceilingsIn(...texts).map(({ bytes }) => bytes)

describe("the most memory that a process may have", () => {
  it("is set by its limits", () => {
    assert.deepStrictEqual(bytesOf(limits("2048000000", "1000000"), MEMINFO, "1\n"), [2_048_000_000, 1_000_000])
    assert.deepStrictEqual(bytesOf(limits("unlimited", "unlimited"), MEMINFO, "1\n"), [])
  })

  it("is set by the machine, as the system overcommits", () => {
    const none = limits("unlimited", "unlimited")
    assert.deepStrictEqual(bytesOf(none, MEMINFO, "0\n"), [1024 * (24_683_120 + 1024)])
    assert.deepStrictEqual(bytesOf(none, MEMINFO, "2\n"), [1024 * 12_342_048])
  })

  it("is unknown where it is not reported", () => {
    assert.deepStrictEqual(bytesOf("", "", "0\n"), [])
    assert.deepStrictEqual(memoryCeilings(2 ** 30), [])
  })
})
