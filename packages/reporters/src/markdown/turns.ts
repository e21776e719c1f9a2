import type { RunRecord, Turn } from "@rigbook/core"
import { known, percent, significant } from "../format.ts"
import { text } from "./escape.ts"
import { struck } from "./figures.ts"
import { type Column, table } from "./table.ts"

/** Each turn of a conversation: how the prompt grew, what of it the engine had in its cache, and how long it took. */
export const turnsTable = (record: RunRecord): string => {
  const column = (
    header: string,
    of: (turn: Turn) => number | undefined,
    show: (value: number) => string = String,
  ): Column<Turn> => ({
    header: text(header),
    align: "right",
    cell: (turn) => known(of(turn), (value) => struck(record, show(value))),
  })
  return table(
    [
      { header: "turn", align: "right", cell: ({ turn }) => String(turn + 1) },
      column("prompt (tokens)", ({ inputTokens }) => inputTokens),
      column("from the cache (%)", cachedShare, percent),
      column("TTFT (ms)", ({ ttftMs }) => ttftMs, significant),
      column("TPOT (ms)", ({ tpotMs }) => tpotMs, significant),
    ],
    record.turns ?? [],
  )
}

const cachedShare = ({ cachedTokens, inputTokens }: Turn): number | undefined =>
  cachedTokens === undefined || inputTokens === undefined ? undefined : cachedTokens / inputTokens
