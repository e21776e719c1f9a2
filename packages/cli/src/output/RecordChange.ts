import type { Measured } from "@rigbook/core"
import type { FigureChange, RecordChanges } from "@rigbook/records"
import { figure, verdictWord } from "./Figures.ts"

/** What changed in a record, a line each: `+` a new figure, `-` a removed one, `~` a changed one. */
export const changeLines = ({ figures, parts, verdict }: RecordChanges): ReadonlyArray<string> => [
  ...figures.map((change) => `  ${figureLine(change)}`),
  ...(verdict === undefined ? [] : [`  ~ verdict ${verdictWord(verdict.before)} → ${verdictWord(verdict.after)}`]),
  ...(parts.length === 0 ? [] : [`  ~ ${parts.join(", ")}`]),
]

const figureLine = ({ after, before, metric, unit }: FigureChange): string => {
  if (before === undefined) return `+ ${metric} ${word(after!, unit)}`
  if (after === undefined) return `- ${metric} ${word(before, unit)}`
  const [was, is] = [word(before, unit), word(after, unit)]
  return was === is
    ? `~ ${metric} ${is}, as before: its trials, interval or definition changed`
    : `~ ${metric} ${was} → ${is}`
}

const word = (measured: Measured, unit: string): string =>
  "absent" in measured ? `missing (${measured.absent})` : `${figure(measured.value)} ${unit}`
