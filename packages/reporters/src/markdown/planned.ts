import type { PlannedEstimate, PlannedModel, Registry } from "@rigbook/core"
import { placementName } from "@rigbook/core"
import { bytes, MISSING, parameters, significant } from "../format.ts"
import { REGISTRY_FOLDER, relativePath } from "../paths.ts"
import { blocks, link, list, sentence, text } from "./escape.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

const RULE =
  "Not measured yet. Memory is estimated from the model's shape for the host that the config names, part by part; " +
  "`rigbook plan` shows the parts. A model gets its own page with its first record."

/** Planned models, with the memory they will need; nothing without planned models. */
export const plannedSection = ({ planned }: Pick<Registry, "planned">): string => {
  if (planned.length === 0) return ""
  const tasks = [
    { title: "Language models", of: planned.filter(({ task }) => task === "generate") },
    { title: "Embedding models", of: planned.filter(({ task }) => task === "embed") },
  ].filter(({ of }) => of.length > 0)
  return blocks(
    "## Models planned for testing",
    RULE,
    ...tasks.flatMap(({ of, title }) => [
      `### Planned: ${title.toLowerCase()}`,
      ...of.flatMap((model) => [`#### ${text(model.name)}`, plannedModelSection(model)]),
    ]),
  )
}

/** What a planned model will take, under a heading of its own. */
export const plannedModelSection = (model: PlannedModel): string => {
  const { estimates, host, license, path, priority, strategy, use } = model
  const known = "absent" in estimates ? [] : estimates
  return blocks(
    list([
      `Status: planned${priority === "normal" ? "" : `, ${priority} priority`}`,
      `Target use: ${text(use)}`,
      `Strategy: ${strategy === undefined ? "not stated in the config" : text(strategy)}`,
      `Licence: ${license === undefined ? "not stated in the config" : text(license)}`,
      `Config: ${link(path, relativePath(REGISTRY_FOLDER, path))}`,
      ...("absent" in estimates ? [`Estimated memory: none, ${sentence(estimates.absent)}`] : []),
      ...known.flatMap((estimate) => estimateLines(estimate, host ?? "")),
    ]),
    ...known.map((estimate) => table(DEVICES, estimate.devices)),
  )
}

const estimateLines = (estimate: PlannedEstimate, host: string): ReadonlyArray<string> => {
  const {
    backend,
    bitsPerWeight,
    longestContext,
    parameters: weights,
    placement,
    quantization,
    refused,
    scenario,
  } = estimate
  const name = (id: string): string => estimate.devices.find(({ device }) => device === id)?.name ?? id
  return [
    `Shape: ${parameters(weights)} weights, ${text(quantization)} (${significant(bitsPerWeight, 3)} bits per weight)`,
    `Estimated memory: ${bytes(estimate.bytes)} with ${text(backend)} for ${text(scenario)} on ${text(host)}, ` +
      (placement === undefined
        ? "**no placement is possible**"
        : text(placementName(placement, (id) => `${id} ${name(id)}`))),
    ...(placement !== undefined && placement.devices.length === 1
      ? []
      : refused.map(({ reason, strategy }) => `Not ${text(strategy)}: ${sentence(reason)}`)),
    `Longest context that fits there: ${"value" in longestContext ? `${longestContext.value} tokens` : `unknown, ${sentence(longestContext.absent)}`}`,
  ]
}

type Device = PlannedEstimate["devices"][number]

const DEVICES: ReadonlyArray<Column<Device>> = [
  { header: "device", cell: ({ device, name }) => text(device === name ? device : `${device} ${name}`) },
  { header: "estimated memory", align: "right", cell: (device) => bytes(device.bytes, "GiB") },
  {
    header: "free",
    align: "right",
    cell: ({ freeBytes }) => (freeBytes === undefined ? MISSING : bytes(freeBytes, "GiB")),
  },
  { header: "parts", cell: ({ parts }) => text(parts.map((part) => `${part.name} ${bytes(part.bytes)}`).join(", ")) },
]
