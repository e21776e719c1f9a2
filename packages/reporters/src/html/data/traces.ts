import type { RunRecord, TelemetryOpening } from "@rigbook/core"
import { telemetryPanels } from "../../TelemetryPlot.ts"
import { visible } from "@rigbook/core"
import type { PageTrace } from "../PageData.ts"

export const traceOf = (record: RunRecord, openings: ReadonlyArray<TelemetryOpening>): ReadonlyArray<PageTrace> => {
  const panels = new Map<string, Array<PageTrace["panels"][number]["lines"][number]>>()
  for (const opening of openings)
    for (const { points, title } of telemetryPanels(record, opening))
      for (const [name, line] of Map.groupBy(points, (point) => point.line)) {
        if (line.length < 2) continue
        const lines = panels.get(title) ?? []
        panels.set(title, lines)
        const own = openings.length === 1 ? name : `${name}, opening ${opening.opening + 1}`
        lines.push({
          name: visible(own),
          s: line.map(({ s }) => short(s)),
          value: line.map(({ value }) => short(value)),
        })
      }
  return panels.size === 0 ? [] : [{ run: record.id, panels: [...panels].map(([title, lines]) => ({ title, lines })) }]
}

/** As many digits as a plot can show. */
const short = (value: number): number => Number(value.toPrecision(4))
