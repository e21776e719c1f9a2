import type { RunRecord } from "@rigbook/core"
import { utcDate } from "../../format.ts"
import { proofText, rigName, rigsOf } from "../../Rig.ts"
import { text } from "../escape.ts"
import type { Brief } from "./Brief.ts"

const LEGEND =
  "● valid · ▲ suspect: read [why](#what-is-suspect-and-why) first · ✕ invalid, struck through, never ranked · – not measured, " +
  "never zero. A mark leads to its record, a name to its page. ± is the larger side of the 95 % interval of the median."

/** How many rigs the head has a line for. */
const RIGS = 8

/** The rigs in words, with what ran there; and how to read the page. */
export const headSection = ({ records, registry: { updatedAt } }: Brief): string => {
  if (updatedAt === undefined) return ""
  const rigs = rigsOf(records)
  const left = rigs.length - RIGS
  return [
    `Date of the latest record: ${text(utcDate(updatedAt))} (UTC).  `,
    ...rigs.slice(0, RIGS).map(({ host, records: here }) => `**Rig:** ${text(rigName(host))}. ${runsText(here)}  `),
    ...(left > 0 ? [`**And ${left} more rigs.**`] : []),
    "",
    LEGEND,
  ].join("\n")
}

const runsText = (records: ReadonlyArray<RunRecord>): string => {
  const count = (status: RunRecord["verdict"]["status"]): number =>
    records.filter(({ verdict }) => verdict.status === status).length
  const runs = `${records.length} ${records.length === 1 ? "run" : "runs"}`
  return `${runs}: **${count("valid")} ● valid, ${count("suspect")} ▲ suspect, ${count("invalid")} ✕ invalid**. ${proofText(records)}`
}
