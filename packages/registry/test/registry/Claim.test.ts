import { assert, describe, it } from "@effect/vitest"
import { Effective } from "@rigbook/core"
import { CPU } from "@rigbook/core"
import { Claim } from "@rigbook/core"
import { RunRecord } from "@rigbook/core"
import { reason, verdictOf } from "@rigbook/core"
import { summarize } from "@rigbook/records"
import { Schema } from "effect"
import { fakeRecord } from "../../../records/test/fakes/records.ts"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { checkClaim } from "../../src/registry/Claim.ts"
import { parseNote } from "../../src/registry/ReadNotes.ts"

const run = (
  documents: number,
  docsPerS: number,
  changes: Partial<ConstructorParameters<typeof RunRecord>[0]> = {},
) => {
  const trials = [docsPerS]
  const record = fakeRecord(documents, {
    task: "embed",
    scenario: scenario({ kind: "batch", prompts: "fake-prompts", documents, batchSize: 8 }),
  })
  return new RunRecord(
    Object.assign({}, record, {
      values: [
        {
          metric: "docs_per_s",
          title: "Documents per second",
          definition: "documents / time",
          unit: "docs/s",
          better: "higher",
          result: { summary: summarize(trials)!, trials },
        },
      ],
      verdict: verdictOf([]),
      ...changes,
    }),
  )
}
const claim = Schema.decodeUnknownSync(Claim)
const states = (value: unknown, records: ReadonlyArray<RunRecord>) => checkClaim(claim(value), records).state

describe("checkClaim", () => {
  const records = [run(100, 553.3), run(1000, 1391.8)]

  it("holds a figure against the runs that it speaks of", () => {
    assert.strictEqual(states({ metric: "docs_per_s", value: 560, scenario: "-100x" }, records), "borne out")
    assert.strictEqual(states({ metric: "docs_per_s", value: 1327, scenario: "-100x" }, records), "contradicted")
    assert.strictEqual(states({ metric: "docs_per_s", value: 1327, scenario: "-9x" }, records), "not measured")
    assert.strictEqual(states({ metric: "ttft", value: 1 }, records), "not measured")
  })

  it("that names no scenario holds as soon as one run bears it out", () => {
    assert.strictEqual(states({ metric: "docs_per_s", value: 1327 }, records), "borne out")
    assert.strictEqual(states({ metric: "docs_per_s", value: 1327, tolerance: 1 }, records), "contradicted")
  })

  it("tells what each run found", () => {
    const { witnesses } = checkClaim(claim({ metric: "docs_per_s", value: 1749, scenario: "-100x" }), records)
    assert.deepStrictEqual(
      witnesses.map(({ agrees, found }) => [agrees, found]),
      [[false, { value: 553.3, unit: "docs/s" }]],
    )
  })

  it("of a CPU is contradicted by a run that was on a GPU, whatever was requested", () => {
    const onGpu = run(100, 553.3, { effective: new Effective({ devices: [gpuId(0)], settings: {}, buffers: [] }) })
    const onCpu = run(100, 553.3, { effective: new Effective({ devices: [CPU], settings: {}, buffers: [] }) })
    assert.strictEqual(states({ device: "cpu" }, [onGpu]), "contradicted")
    assert.strictEqual(states({ device: "gpu" }, [onGpu]), "borne out")
    assert.strictEqual(states({ device: "cpu" }, [onCpu]), "borne out")
  })

  it("is not judged by invalid runs", () =>
    assert.strictEqual(
      states({ metric: "docs_per_s", value: 1 }, [run(100, 553, { verdict: verdictOf([reason("errors", "all")]) })]),
      "not measured",
    ))
})

describe("parseNote", () => {
  it("takes the head off, and keeps the text word for word", () => {
    const head = "---\ndate: 2026-11-23\nauthor: A. Person\nclaims:\n  - metric: docs_per_s\n    value: 1327\n---\n"
    assert.deepStrictEqual(parseNote("m", `${head}\n  Fast.  \r\n---\n`), {
      note: {
        model: "m",
        path: "models/notes/m.md",
        date: "2026-11-23",
        author: "A. Person",
        claims: [{ metric: "docs_per_s", value: 1327, tolerance: 10 }],
        text: "\n  Fast.  \n---\n",
      },
      issues: [],
    })
  })

  it("masks secrets, and names what can't be seen", () => {
    const { issues, note } = parseNote(
      "m",
      "\uFEFF---\nauthor: sk-made-up-word-1\n---\nhttp://me:word@host\u001B[2J\t\u202E\n",
    )
    assert.deepStrictEqual(issues, [])
    assert.deepInclude(note, { author: "sk-***", text: "http://***@host\t[U+202E]\n" })
  })

  it("leaves a rule at the top of a text alone", () =>
    assert.deepStrictEqual(parseNote("m", "---\nNo head.\n").note.text, "---\nNo head.\n"))

  it("shows a note with a wrong head whole, and says what is wrong where", () => {
    const text = "---\ndate: 2026-11-23\nclaims:\n  - metric: docs_per_s\n    valeu: 1327\n---\nText.\n"
    const { issues, note } = parseNote("m", text)
    assert.strictEqual(note.text, text)
    assert.isTrue(issues.every(({ file, line }) => file === "models/notes/m.md" && line >= 4 && line <= 5))
    assert.isNotEmpty(issues)
  })
})
