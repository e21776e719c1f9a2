import type { RunRecord } from "@rigbook/core"
import { MISSING, figure, withUnit } from "../format.ts"
import { memoryUnit } from "../Uncertain.ts"
import { blocks, list, sentence, text } from "./escape.ts"
import { struck } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** Every trial's value of every metric, and why a metric has none. */
export const trialsSection = (record: RunRecord): string => {
  const measured = record.values.flatMap((value) =>
    "summary" in value.result ? [{ ...value, trials: value.result.trials }] : [],
  )
  const absent = Map.groupBy(
    record.values.flatMap(({ result, title }) => ("absent" in result ? [{ title, why: result.absent }] : [])),
    ({ why }) => why,
  )
  const columns: ReadonlyArray<Column<number>> = [
    { header: "trial", align: "right", cell: (trial) => String(trial + 1) },
    ...measured.map(({ title, trials, unit }): Column<number> => {
      const memory = memoryUnit(trials.map((value) => value ?? undefined))
      return {
        header: text(withUnit(title, unit)),
        align: "right",
        cell: (trial) => {
          const value = trials[trial] ?? undefined
          return value === undefined ? MISSING : struck(record, figure(value, unit, memory))
        },
      }
    }),
  ]
  const length = Math.max(0, ...measured.map(({ trials }) => trials.length))
  return blocks(table(columns, [...Array(length).keys()]) || "No trial gave a value.", list([...absent].map(absence)))
}

/** Values missing for the same reason are reported together. */
const absence = ([why, missing]: readonly [string, ReadonlyArray<{ readonly title: string }>]): string =>
  `${missing.map(({ title }) => text(title)).join(", ")} ${missing.length === 1 ? "was" : "were"} not measured: ${sentence(why)}`
