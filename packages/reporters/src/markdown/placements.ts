import { scenarioName } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { significant } from "../format.ts"
import { placementName, runtimeName } from "../names.ts"
import type { PlacementGroup } from "../PlacementScaling.ts"
import type { Compared } from "../Scaling.ts"
import { blocks, text } from "./escape.ts"
import { medianCell } from "./figures.ts"
import { comparison, JUDGEMENT_RULE } from "./scaling.ts"
import { table } from "./table.ts"

const RULE =
  "Speed relative to the first placement on a single device, between runs that differ only in the placement: " +
  JUDGEMENT_RULE

/** A table for each sweep over placements, with the best of them, on a page in `folder`; nothing without a sweep. */
export const placementSection = (
  groups: ReadonlyArray<PlacementGroup>,
  folder: string,
  heading: "##" | "###",
): string =>
  groups.length === 0
    ? ""
    : blocks(`${heading} Placements compared`, RULE, ...groups.map((group) => groupSection(group, folder)))

const groupSection = (group: PlacementGroup, folder: string): string => {
  const { base, metric, points } = group
  const { backend, config, host, scenario } = base.cell
  const { title = metric, unit = "" } = METRICS.find(({ id }) => id === metric) ?? {}
  return blocks(
    `${text(config.name)}, ${text(backend)} (${text(runtimeName(base))}), ${text(scenarioName(scenario))}, host ${text(host.fingerprint)}. ${bestSentence(group)}`,
    table<Compared>(
      [
        { header: "placement", cell: ({ record }) => text(placementName(record)) },
        {
          header: text(`${title} (${unit})`),
          align: "right",
          cell: ({ record }) => medianCell(record, metric),
        },
        ...comparison(folder),
      ],
      points,
    ),
  )
}

const bestSentence = ({ base, best: { compared, record } }: PlacementGroup): string => {
  const name = `Best by median: **${text(placementName(record))}**`
  return compared === undefined || record === base
    ? `${name}, which the others are relative to.`
    : `${name}, ${significant(compared.ratio, 3)} × ${text(placementName(base))} (${compared.judgement}).`
}
