import { type Registry, remembered, weightCount } from "@rigbook/core"
import { type Family, familiesOf } from "@rigbook/registry"
import { grouped } from "./Uncertain.ts"

/** A registry's families, worked out once for all of its pages. */
export const familiesIn = remembered(({ entries, planned }: Registry): ReadonlyArray<Family> =>
  familiesOf(entries, planned),
)

/** `134.5 million weights, context 8,192, Apache-2.0`; empty before the first run. Not escaped. */
export const familyFacts = ({ entries }: Family): string => {
  const [first] = entries.flatMap(({ records }) => records)
  if (first === undefined) return ""
  const { license, model } = first.cell
  return [
    ...(model.parameters === undefined ? [] : [`${weightCount(model.parameters)} weights`]),
    ...(model.contextLength === undefined ? [] : [`context ${grouped(model.contextLength)}`]),
    ...(license === undefined ? [] : [license]),
  ].join(", ")
}
