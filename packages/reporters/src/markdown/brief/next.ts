import type { NextStep } from "@rigbook/core"
import { blocks, href, list, text } from "../escape.ts"
import type { Brief } from "./Brief.ts"

/** Lines of the list, and configs that one command names. */
const [LINES, CONFIGS] = [8, 8]

/** What is still to be done, as commands; nothing where all is done. */
export const nextSection = ({ records, registry: { nextSteps, reports } }: Brief): string => {
  const unreported = records.filter(({ id }) => !reports.has(id))
  const lines = [
    ...[...Map.groupBy(nextSteps, keyOf).values()].map(line),
    ...(unreported.length === 0
      ? []
      : [
          `\`rigbook report ${href(unreported[0]!.id)}\`: writes a report of that run; ${unreported.length} of ${records.length} runs have none.`,
        ]),
  ]
  return lines.length === 0 ? "" : blocks("## Next steps", list(lines.slice(0, LINES)))
}

const keyOf = ({ because, priority }: NextStep): string => JSON.stringify([priority, because])

const line = (steps: ReadonlyArray<NextStep>): string => {
  const [first] = steps
  const { because, priority } = first!
  const ids = steps.slice(0, CONFIGS).map(({ id }) => href(id))
  const left = steps.length - ids.length
  const again = because.startsWith("measured") ? " --fresh" : ""
  return (
    `\`rigbook run ${ids.join(" ")}${again}\`${left > 0 ? ` and ${left} more` : ""}: ` +
    `${priority === "normal" ? "" : `${priority} priority, `}${text(because)}.`
  )
}
