import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { drawsOf } from "../tools/campaign/Draws.ts"
import { problemsOf } from "../tools/campaign/Checks.ts"
import { FIXED_FAULTS } from "../tools/campaign/FixedFaults.ts"
import { lostLines, trialsIn } from "../tools/campaign/Journal.ts"
import { KINDS } from "../tools/campaign/Kinds.ts"
import { SECRETS } from "../tools/campaign/Secrets.ts"
import { shrink } from "../tools/campaign/Shrink.ts"

describe("the campaign", () => {
  it.each(KINDS.map((kind) => [kind.name, kind] as const))(
    "draws a fault of %s from its seed alone, as data",
    (_, kind) => {
      const draw = (seed: string): unknown => kind.draw(drawsOf(seed))
      const drawn = Array.from({ length: 20 }, (__, at) => draw(`1/${at}`))
      assert.deepStrictEqual(
        drawn,
        Array.from({ length: 20 }, (__, at) => draw(`1/${at}`)),
      )
      assert.isAbove(new Set(drawn.map((fault) => JSON.stringify(fault))).size, 5)
    },
  )

  it("makes a find smaller, as long as it stays one", async () => {
    interface Case {
      readonly steps: ReadonlyArray<number>
      readonly size: number
      readonly loud: boolean
    }
    const holds = (fault: unknown): Promise<boolean> => {
      const { size, steps } = fault as Case
      return Promise.resolve(steps.includes(7) && size >= 10)
    }
    const found: Case = { steps: [3, 7, 9, 7], size: 1000, loud: true }
    assert.deepStrictEqual(await shrink(found, holds, 200), { steps: [7], size: 15, loud: false })
    assert.deepStrictEqual(await shrink(found, holds, 0), found)
  })

  it("finds a stack trace, a secret, a control character and JSON that is none in what is printed", () => {
    const ended = { code: 0, stdout: "{}", stderr: "", cpuMs: 1, peakMib: 1 }
    const found = (more: object) =>
      problemsOf({ ...ended, ...more }, ["plan", "--json"]).map(({ invariant }) => invariant)
    assert.deepStrictEqual(found({}), [])
    assert.deepStrictEqual(found({ stderr: "Error: x\n    at run (/a/file.js:1:2)\n" }), ["no-trace"])
    assert.deepStrictEqual(found({ stderr: `key ${SECRETS.token}` }), ["no-secret"])
    assert.deepStrictEqual(found({ stderr: SECRETS.outside }), ["no-outside-file"])
    assert.deepStrictEqual(found({ stderr: "\u001b[2J" }), ["no-control-characters"])
    assert.deepStrictEqual(found({ stdout: "HELLO{}" }), ["exit-code"])
    assert.deepStrictEqual(found({ late: true, stdout: "" }), ["bounded-time"])
    assert.deepStrictEqual(found({ cpuMs: 1e6, peakMib: 1e6 }), ["bounded-time", "bounded-memory"])
    assert.deepStrictEqual(found({ gone: true }), ["no-trace"])
    assert.deepStrictEqual(found({ polluted: true }), ["exit-code"])
  })

  it("can put back each fault that was fixed: what fixed it is at one place", () => {
    for (const { fault, file, fixed } of FIXED_FAULTS)
      assert.lengthOf(readFileSync(join(import.meta.dirname, "..", file), "utf8").split(fixed), 2, fault)
  })

  it("finds a line that a journal lost", () => {
    const sample = (trial: number): string => `{"kind":"sample","sample":{"phase":"measured","trial":${trial}}}\n`
    assert.deepStrictEqual(trialsIn(`${sample(0)}${sample(1)}{"kind":`), [0, 1])
    assert.match(lostLines(sample(0), "/no/such/file") ?? "", /gone/)
    assert.isUndefined(lostLines('{"kind":', "/no/such/file"))
  })
})
