import { bytesOf, type Host, type Placement, placementName, type PlacementRequest, scenarioName } from "@rigbook/core"
import { type DeviceMask, maskText, type PlannedCell, ruleOfThumb } from "@rigbook/runner"
import { styleText } from "node:util"
import { BAR_LEGEND, memoryLines } from "./MemoryBar.ts"

/** A plan for people: GPUs hidden by the user, and a section for each cell. */
export const planPage = <R>(
  cells: ReadonlyArray<PlannedCell<R>>,
  host: Host,
  masks: ReadonlyArray<DeviceMask>,
): string =>
  [
    `${host.os}, ${host.cpu.model}`,
    ...masks.flatMap((mask) => maskText(mask) ?? []),
    ...cells.map((each) => section(each)),
    "",
    BAR_LEGEND,
  ].join("\n")

const section = <R>(cell: PlannedCell<R>): string => {
  const {
    backend,
    config,
    demand,
    demandSource,
    host,
    longestContext,
    model,
    others,
    placement,
    refused,
    runtime,
    scenario,
  } = cell
  const name = (id: string): string => {
    const index = host.devices.find((device) => device.id === id)?.index
    return index === undefined ? id : `cuda:${index}`
  }
  const context =
    "value" in longestContext
      ? `${longestContext.value} tokens${longestContext.value === model.contextLength ? ", the maximum of this model" : ` of ${model.contextLength}`}`
      : `unknown: ${longestContext.absent}`
  return [
    "",
    styleText("bold", [config.id, backend, asked(cell.requested), scenarioName(scenario)].join(" · ")),
    ...(cell.rung === undefined
      ? []
      : [`  ramp             rung ${cell.rung.place} of at most ${cell.rung.of}; run unless one below ends it`]),
    ...("absent" in placement
      ? [`  ${styleText("red", "no placement is possible")}`]
      : [
          `  placement        ${placementName(placement.value, name)}`,
          ...memoryLines(demand, host).map((line) => `  ${line}`),
          `  memory           ${"by" in demandSource ? `by ${demandSource.by}` : `by formula: ${demandSource.absent}`}`,
          ...learned(demand),
          ...notes(demand),
        ]),
    ...(others.length === 0 ? [] : [`  also possible    ${alternatives(others, name)}`]),
    ...refused.map(({ reason, strategy }) => `  refused          ${strategy}: ${reason}`),
    ...("absent" in placement ? [] : [`  longest context  ${context}`, `  rule of thumb    ${thumb(cell)}`]),
    `  time             ${"value" in cell.seconds ? duration(cell.seconds.value) : `unknown: ${cell.seconds.absent}`}`,
    `  engine           ${"absent" in runtime ? runtime.absent : `${runtime.value.program} ${runtime.value.version}`}`,
  ].join("\n")
}

/** The overhead that earlier records show; no formula gives it. */
const learned = (demand: PlannedCell["demand"]): ReadonlyArray<string> => {
  const formulas = demand.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.basis === "learned" ? part.formula : [])),
  )
  return [...new Set(formulas)].map((formula) => `  overhead         ${formula}`)
}

/** Assumptions that the figures rest on, and where two estimates disagree. */
const notes = (demand: PlannedCell["demand"]): ReadonlyArray<string> =>
  [...new Set(demand.flatMap(({ parts }) => parts.flatMap((part) => part.notes ?? [])))].map(
    (note) => `  ${styleText("yellow", "note")}             ${note}`,
  )

/** Each strategy once, with the first of its placements. */
const alternatives = (others: ReadonlyArray<Placement>, name: (id: string) => string): string =>
  [...Map.groupBy(others, ({ strategy }) => strategy).values()]
    .map(([first]) => placementName(first!, name))
    .join(" · ")

const asked = (requested: PlacementRequest): string =>
  typeof requested === "string" ? requested : `${requested.strategy}: ${requested.devices.join(" + ")}`

/** Compared with the sum of all devices: the rule gives one number only. */
const thumb = ({ demand, model }: Pick<PlannedCell, "demand" | "model">): string => {
  const { high, low } = ruleOfThumb(model)
  const need = demand.reduce((sum, { parts }) => sum + bytesOf(parts), 0)
  const off = (100 * (high - need)) / need
  return `weights + 15 to 20 % would be ${gib(low)} to ${gib(high)} GiB, ${Math.abs(off).toFixed(0)} % ${off < 0 ? "too little" : "too much"}`
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2)

const duration = (seconds: number): string =>
  seconds < 120 ? `about ${Math.round(seconds)} s` : `about ${Math.round(seconds / 60)} min`
