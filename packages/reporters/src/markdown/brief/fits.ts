import type { PlannedEstimate, PlannedModel } from "@rigbook/core"
import { MISSING } from "../../format.ts"
import { fitWord, memoryByDevice } from "../../FitText.ts"
import { REGISTRY_FOLDER, relativePath } from "../../paths.ts"
import { grouped } from "../../Uncertain.ts"
import { blocks, link, text } from "../escape.ts"
import { type Column, table } from "../table.ts"
import { type Brief, leftOut } from "./Brief.ts"
import { picture } from "./picture.ts"

const ROWS = 20

interface Row {
  readonly model: PlannedModel
  readonly estimate: PlannedEstimate | undefined
}

/** Which planned models fit where; nothing where nothing is planned. */
export const fitsSection = ({ plots, registry: { planned } }: Brief): string => {
  const rows = planned.flatMap((model): ReadonlyArray<Row> => {
    const known = "absent" in model.estimates ? [] : model.estimates
    return known.length === 0 ? [{ model, estimate: undefined }] : known.map((estimate) => ({ model, estimate }))
  })
  if (rows.length === 0) return ""
  const shown = rows.slice(0, ROWS)
  return blocks(
    "## What fits",
    "Planned models on the rigs that their configs name. Memory is calculated from the model's shape, nothing is downloaded; " +
      `\`rigbook plan\` shows its parts, and [all models](all-models.md#models-planned-for-testing) has them too. ${leftOut(shown.length, rows.length, "estimates")}`.trim(),
    plots.has("memory")
      ? picture("memory", "Estimated memory by device of planned models: the figures are in the table below")
      : "",
    table(COLUMNS, shown),
  )
}

const COLUMNS: ReadonlyArray<Column<Row>> = [
  {
    header: "fits?",
    cell: ({ estimate }) => {
      if (estimate === undefined) return "unknown"
      return estimate.placement === undefined ? "**no**" : fitWord(estimate)
    },
  },
  {
    header: "model",
    cell: ({ model: { name, path, priority } }) =>
      `${link(name, relativePath(REGISTRY_FOLDER, path))}${priority === "normal" ? "" : ` **${priority} priority**`}`,
  },
  { header: "rig", cell: ({ model: { host } }) => (host === undefined ? MISSING : text(host)) },
  {
    header: "memory by device",
    align: "right",
    cell: ({ estimate }) =>
      estimate === undefined || estimate.placement === undefined ? MISSING : memoryByDevice(estimate),
  },
  {
    header: "longest context",
    align: "right",
    cell: ({ estimate }) =>
      estimate !== undefined && "value" in estimate.longestContext ? grouped(estimate.longestContext.value) : MISSING,
  },
  {
    header: "why not simpler",
    cell: ({ estimate, model }) => {
      if (estimate === undefined) return "absent" in model.estimates ? text(model.estimates.absent) : MISSING
      const { placement, refused } = estimate
      if (placement?.devices.length === 1) return ""
      const alone = refused.filter(({ strategy }) => strategy === "single")
      return (alone.length > 0 ? alone : refused)
        .map(({ reason, strategy }) => text(`${strategy}: ${reason}`))
        .join("; ")
    },
  },
]
