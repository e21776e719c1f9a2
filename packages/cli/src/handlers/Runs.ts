import { type RunRecord } from "@rigbook/core"
import { originOfHost, readJournal, readRecords, unfinishedFolders, withPulled } from "@rigbook/records"
import { Effect } from "effect"
import { basename } from "node:path"
import { EXIT } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { cellName } from "../output/Figures.ts"
import { print, printJson } from "../output/Print.ts"
import { runLines } from "../output/RunsPage.ts"
import { columns } from "../output/Wrapped.ts"
import { installedMetrics } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Lists records and interrupted runs. */
export const runs = Effect.fn("Runs.runs")(function* ({ json }: { readonly json: boolean }) {
  const workspace = yield* openWorkspace
  const { broken, records } = yield* readRecords(workspace.raw)
  const all = yield* withPulled(workspace, { broken, records })
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
  const width = columns()
  const blocks = [
    ...records.map((record) => runLines(record, metrics, width)),
    ...cut.map(
      ({ measured, record }) =>
        `${record}\n  ${measured === undefined ? "its samples can't be read" : `${measured} trials measured`}; interrupted, rigbook run resumes`,
    ),
    ...all.broken.map(({ message, path }) => `${path}\n  broken: ${message}`),
  ]
  yield* print(
    blocks.length + all.records.length === 0
      ? "There are no records yet. Measure with: rigbook run"
      : [
          ...blocks,
          ...pulledLines(all.records),
          ...(records.length === 0 ? [] : [`Show one by its time: rigbook show ${firstWord(records.at(-1)!.id)}`]),
        ].join("\n"),
  )
  return EXIT.done
})

/** A line for each registry that was pulled: its records are in the registry, and `show` shows each. */
const pulledLines = (records: ReadonlyArray<RunRecord>): ReadonlyArray<string> =>
  [...Map.groupBy(records, ({ cell }) => originOfHost(cell.host))].flatMap(([origin, { length }]) =>
    origin === undefined ? [] : [`${count(length, "record")} pulled from ${origin}: rigbook registry`],
  )

/** The time that an id begins with. */
const firstWord = (id: string): string => id.split("-")[0] ?? id
