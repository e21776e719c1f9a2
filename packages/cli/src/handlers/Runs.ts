import { readJournal, readRecords, unfinishedFolders } from "@rigbook/records"
import { Effect } from "effect"
import { basename } from "node:path"
import { EXIT } from "../Failure.ts"
import { cellName, headline, verdictWord } from "../output/Figures.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedMetrics } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Lists records and interrupted runs. */
export const runs = Effect.fn("Runs.runs")(function* ({ json }: { readonly json: boolean }) {
  const workspace = yield* openWorkspace
  const { broken, records } = yield* readRecords(workspace.raw)
  const cut = yield* Effect.forEach(yield* unfinishedFolders(workspace.raw), (folder) =>
    Effect.map(Effect.result(readJournal(folder)), (journal) => ({
      record: basename(folder),
      measured:
        journal._tag === "Success"
          ? (journal.success?.samples.filter(({ phase }) => phase === "measured").length ?? 0)
          : undefined,
    })),
  )
  if (json) {
    yield* printJson({
      records: records.map((record) => ({
        record: record.id,
        cell: cellName(record.cell),
        verdict: record.verdict,
        finishedAt: record.finishedAt,
      })),
      unfinished: cut,
      broken: broken.map(({ message }) => message),
    })
    return EXIT.done
  }
  const metrics = yield* installedMetrics
  const rows = [
    ...records.map((record) => [record.id, headline(record, metrics), verdictWord(record.verdict)]),
    ...cut.map(({ measured, record }) => [
      record,
      measured === undefined ? "its samples can't be read" : `${measured} trials measured`,
      "interrupted (rigbook run resumes)",
    ]),
    ...broken.map(({ message, path }) => [path, message, "broken"]),
  ]
  yield* print(
    rows.length === 0
      ? "There are no records yet. Measure with: rigbook run"
      : table(["record", "figures", "verdict"], rows),
  )
  return EXIT.done
})
