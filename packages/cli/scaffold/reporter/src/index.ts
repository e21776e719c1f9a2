import type { Reporter, RunRecord } from "@rigbook/core"

/** Names come from configs and models: a tab or a line's end in one must not make a row of its own. */
const cell = (text: string): string => text.replaceAll(/[\t\r\n]+/g, " ").replace(/^[=+\-@]/, "'$&")

const line = ({ cell: { backend, config }, id, verdict }: RunRecord): string =>
  [id, config.name, backend, verdict.status, verdict.reasons.map(({ code }) => code).join(" ")].map(cell).join("\t")

const table = (records: ReadonlyArray<RunRecord>): string =>
  [["record", "model", "backend", "verdict", "reasons"].join("\t"), ...records.map(line)].join("\n") + "\n"

/** A line a record: put what you want to show in its place. */
export const myReporter: Reporter = {
  id: "my-reporter",
  extension: "tsv",
  registry: ({ entries }) => table(entries.flatMap(({ records }) => records)),
  report: table,
}
