import type { RunRecord } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { visible } from "@rigbook/core"
import { Order } from "effect"
import { foldedSection, type Markup, markup } from "../markup/markup.ts"

/** What each metric means that appears in the records. */
export const definitionSection = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Markup> => {
  const order = METRICS.map(({ id }) => id)
  const rank = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length)
  const values = new Map(records.flatMap((record) => record.values).map((value) => [value.metric, value] as const))
  if (values.size === 0) return []
  return [
    foldedSection(
      "metrics",
      "How figures are defined",
      `${values.size} figures, each with its definition`,
      markup(
        "p",
        {},
        "Each measured trial gives one value; a figure is the median of these values, shown with four digits. The interval consists of order statistics and holds the true median with 95 % confidence or more; below six trials there is none. CV is the sample standard deviation divided by the mean. All digits are in the records.",
      ),
      markup(
        "dl",
        {},
        ...[...values.values()]
          .toSorted((a, b) => rank(a.metric) - rank(b.metric) || Order.String(a.metric, b.metric))
          .flatMap(({ better, definition, title, unit }) => [
            markup("dt", {}, `${visible(title)} (${visible(unit)}, ${better} is better)`),
            markup("dd", {}, `${visible(definition)}.`),
          ]),
      ),
    ),
  ]
}
