import type { RunRecord } from "@rigbook/core"
import { utcDate } from "../format.ts"
import { rigName, rigsOf } from "../Rig.ts"
import { visible } from "@rigbook/core"
import { countVerdicts, verdictTally } from "../markup/marks.ts"
import { type Markup, markup } from "../markup/markup.ts"

/** How many rigs have a line. */
const RIGS = 6

/** The machines in words, each with how much ran there, until when, and how far it can be trusted. */
export const rigLines = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Markup> => {
  const rigs = rigsOf(records)
  const left = rigs.length - RIGS
  return [
    ...rigs.slice(0, RIGS).map(({ host, records: here }) => {
      const newest = here.reduce((last, { startedAt }) => (startedAt > last ? startedAt : last), "")
      return markup(
        "p",
        { class: "counts" },
        markup("b", {}, visible(rigName(host))),
        ` ${here.length} ${here.length === 1 ? "run" : "runs"}, newest ${visible(utcDate(newest))} (UTC): `,
        ...verdictTally(countVerdicts(here.map(({ verdict }) => ({ verdict: verdict.status })))),
      )
    }),
    ...(left > 0 ? [markup("p", {}, `And ${left} more rigs.`)] : []),
  ]
}
