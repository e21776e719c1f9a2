import { NodeRuntime, NodeServices } from "@effect/platform-node"
import type { Metric } from "@rigbook/core"
import { deriveRecord, findWorkspace, recordFolders } from "@rigbook/records"
import { Effect } from "effect"
import { slowestToken } from "./slowest-token-metric.ts"

/** What a metric makes of every record there is: samples are kept raw, so a new metric needs no new run. */
export const measureAnew = Effect.fn("measureAnew")(function* (raw: string, metric: Metric) {
  const records = yield* Effect.forEach(yield* recordFolders(raw), (folder) => deriveRecord(folder, [metric]))
  return records.flatMap((record) => {
    const value = record?.values[0]
    return record === undefined || value === undefined ? [] : [{ record: record.id, result: value.result }]
  })
})

if (import.meta.main)
  Effect.gen(function* () {
    const { raw } = yield* findWorkspace(".")
    for (const { record, result } of yield* measureAnew(raw, slowestToken))
      console.log(record, "summary" in result ? `${result.summary.median} ms` : result.absent)
  }).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
