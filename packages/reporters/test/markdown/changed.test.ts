import { assert, describe, it } from "@effect/vitest"
import { reason, type RunRecord, verdictOf } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { markdown } from "../../src/index.ts"
import { around, embeddingRun, languageRun, value } from "../fixtures.ts"

const run = (id: string, startedAt: string, decode: number, more: Parameters<typeof languageRun>[0] = {}) =>
  languageRun({
    id,
    startedAt,
    finishedAt: startedAt,
    values: [value("decode_tps_user", "Decode speed", "tokens/s", around(decode), "higher")],
    ...more,
  })

const before = run("before", "2025-10-02T10:00:00.000Z", 100)
const again = run("again", "2025-11-02T10:00:00.000Z", 130)

/** The section, of these records after a release that showed `released`. */
const changed = (records: ReadonlyArray<RunRecord>, released?: ReadonlyArray<RunRecord>): string => {
  const release =
    released === undefined ? undefined : { date: "2025-10-03T00:00:00.000Z", records: released.map(({ id }) => id) }
  const page = markdown.registry(makeRegistry(records, [], { release }))
  return page.split("## Changed since the last release\n")[1]!.split("\n## ")[0]!.replaceAll("\u00a0", " ")
}

describe("what changed since the last release", () => {
  it("is nothing to compare with before there was one, and the command that makes one", () => {
    assert.include(changed([before]), "`rigbook registry --release`")
  })

  it("is a ratio of the runs that stand where others stood", () => {
    const text = changed([before, again], [before])
    assert.include(text, "Last release: 2025-10-03. Runs that are the same: 0; new or measured again: 1.")
    assert.match(
      text,
      /\| 100\.0 ± 0\.8 tokens\/s \| 130\.0 ± 1\.0 tokens\/s \| 1\.30× \(1\.\d\d to 1\.3\d\) faster \|/,
    )
  })

  it("says that a run is new, that its verdict or engine is another, and counts the same", () => {
    const noisy = run("noisy", "2025-11-02T10:00:00.000Z", 100, { verdict: verdictOf([reason("noisy", "x")]) })
    assert.match(changed([before, noisy], [before]), /same; was valid, is suspect \|$/m)
    const text = changed([before, embeddingRun()], [before])
    assert.include(text, "Runs that are the same: 1; new or measured again: 1.")
    assert.match(text, /\| – \| 553 ± 4 docs\/s \| new \|$/m)
    assert.notInclude(changed([before], [before]), "| verdict |")
  })
})
