import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { reason, verdictOf } from "@rigbook/core"
import { appendTelemetry, METRICS, type TelemetryLine, workspaceAt } from "@rigbook/records"
import { markdown } from "@rigbook/reporters"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { join } from "node:path"
// Made for the reporters' own tests. By its path, for no package ships it.
import { embeddingRun, languageRun } from "../../reporters/test/fixtures.ts"
import { updateReports, verifyReports, writeOwnReports, writeReport } from "../src/handlers/WriteReport.ts"

const one = languageRun()
const other = embeddingRun()

/** Readings of an engine, which make a plot. */
const TELEMETRY: ReadonlyArray<TelemetryLine> = [
  { kind: "begin", schema: 1, opening: 0, at: "2026-01-01T00:00:00.000Z", periodMs: 100, problems: [] },
  ...Array.from({ length: 30 }, (_, n) => ({
    kind: "reading" as const,
    atMs: 100 * n,
    own: { cpuMs: n, loopMs: n },
    engine: { cpuMs: 200 * n, rssBytes: 2 ** 30, threads: 4 },
  })),
]

const noRoom = systemError({ _tag: "Unknown", module: "FileSystem", method: "writeFile", cause: new Error("no room") })

/** A workspace in a folder of its own, with a report of each record and one of both. */
const written = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const workspace = workspaceAt(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }), { rigbook: 1 })
  yield* writeOwnReports(workspace, [one, other], () => true)
  yield* writeReport(workspace, markdown, [one, other])
  const path = (name: string): string => join(workspace.reports, `${name}.md`)
  return { fs, workspace, path }
})

layer(NodeServices.layer)("reports", (it) => {
  it.effect("are what the records say, each on its own and several together", () =>
    Effect.gen(function* () {
      const { fs, workspace } = yield* written
      assert.lengthOf(yield* fs.readDirectory(workspace.reports), 3)
      assert.deepStrictEqual(yield* verifyReports(workspace, [one, other]), { findings: [], unchecked: [] })
    }),
  )

  it.effect("names a figure that was typed into a report by hand, with its line", () =>
    Effect.gen(function* () {
      const { fs, path, workspace } = yield* written
      const text = yield* fs.readFileString(path(one.id))
      const typed = text.replace("| 187.3 |", "| 817.3 |")
      assert.notStrictEqual(typed, text)
      yield* fs.writeFileString(path(one.id), typed)
      const { findings } = yield* verifyReports(workspace, [one, other])
      const line = text.split("\n").findIndex((each) => each.includes("| 187.3 |")) + 1
      assert.deepStrictEqual(
        findings.map((finding) => [finding.file, finding.line]),
        [[`benchmarks/results/reports/${one.id}.md`, line]],
      )
      assert.include(findings[0]!.found, "817.3")
    }),
  )

  it.effect("names the report whose record is lost", () =>
    Effect.gen(function* () {
      const { workspace } = yield* written
      const { findings } = yield* verifyReports(workspace, [one])
      assert.lengthOf(findings, 2)
      for (const { detail } of findings) assert.strictEqual(detail, `a record of this report is missing: ${other.id}`)
    }),
  )

  it.effect("are written again where they show a record that was changed, one alone or with others", () =>
    Effect.gen(function* () {
      const { fs, path, workspace } = yield* written
      const changed = languageRun({ verdict: verdictOf([reason("noisy", "It varies")]) })
      const before = yield* fs.readFileString(path(other.id))
      yield* updateReports(workspace, [changed, other], new Set([changed.id]), METRICS)
      assert.include(yield* fs.readFileString(path(one.id)), "It varies")
      assert.strictEqual(yield* fs.readFileString(path(other.id)), before)
      assert.deepStrictEqual(yield* verifyReports(workspace, [changed, other]), { findings: [], unchecked: [] })
      assert.lengthOf(yield* fs.readDirectory(workspace.reports), 3)
    }),
  )

  it.effect("says which report names no records, and so can't be checked", () =>
    Effect.gen(function* () {
      const { fs, path, workspace } = yield* written
      yield* fs.writeFileString(path("of-my-own"), "# Written by hand\n")
      const { findings, unchecked } = yield* verifyReports(workspace, [one, other])
      assert.deepStrictEqual(findings, [])
      assert.deepStrictEqual(unchecked, ["benchmarks/results/reports/of-my-own.md does not name its records"])
    }),
  )

  it.effect("are left unchanged where a record is not fresh", () =>
    Effect.gen(function* () {
      const { fs, path, workspace } = yield* written
      yield* fs.writeFileString(path(one.id), "kept")
      yield* fs.remove(path(other.id))
      yield* writeOwnReports(workspace, [one, other], () => false)
      assert.strictEqual(yield* fs.readFileString(path(one.id)), "kept")
      assert.isTrue(yield* fs.exists(path(other.id)))
    }),
  )

  it.effect("that could not be written whole are not there, so that the next run writes them", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = workspaceAt(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }), { rigbook: 1 })
      yield* fs.makeDirectory(join(workspace.raw, one.id), { recursive: true })
      yield* appendTelemetry(join(workspace.raw, one.id), TELEMETRY)
      const plotless = {
        ...fs,
        writeFileString: (path: string, text: string) =>
          path.includes(".svg") ? Effect.fail(noRoom) : fs.writeFileString(path, text),
      }
      const writing = writeOwnReports(workspace, [one], () => true)
      yield* Effect.flip(Effect.provideService(writing, FileSystem.FileSystem, plotless))
      yield* writeOwnReports(workspace, [one], () => false)
      assert.lengthOf(yield* fs.readDirectory(workspace.reports), 2)
      assert.deepStrictEqual(yield* verifyReports(workspace, [one]), { findings: [], unchecked: [] })
    }),
  )
})
