import type { RunRecord, Turn } from "@rigbook/core"
import { figure, known } from "../format.ts"
import { text } from "./escape.ts"
import { struck } from "./figures.ts"
import { type Column, table } from "./table.ts"

/** Each turn of a conversation: how the prompt grew, what of it the engine had in its cache, and how long it took. */
export const turnsTable = (record: RunRecord): string => {
  const column = (header: string, unit: string, of: (turn: Turn) => number | undefined): Column<Turn> => ({
    header: text(header),
    align: "right",
    cell: (turn) => known(of(turn), (value) => struck(record, figure(value, unit))),
  })
  return table(
    [
      { header: "turn", align: "right", cell: ({ turn }) => String(turn + 1) },
      column("prompt (tokens)", "tokens", ({ inputTokens }) => inputTokens),
      column("from the cache (%)", "%", ({ cachedTokens, inputTokens }) =>
        cachedTokens === undefined || inputTokens === undefined ? undefined : (100 * cachedTokens) / inputTokens,
      ),
      column("TTFT (ms)", "ms", ({ ttftMs }) => ttftMs),
      column("TPOT (ms)", "ms", ({ tpotMs }) => tpotMs),
    ],
    record.turns ?? [],
  )
}
