import {
  type AnyModel,
  type DeviceDemand,
  type Host,
  type Placement,
  placementName,
  type PlacementRequest,
} from "@rigbook/core"
import { scenarioName, weightCount, weightsName } from "@rigbook/core"
import { type DeviceMask, maskText, type PlannedCell } from "@rigbook/runner"
import { unusableGroups } from "./DeviceUse.ts"
import { timeText, totalTime } from "./Duration.ts"
import { fitLine, gib, nameIn } from "./FitLine.ts"
import { BAR_LEGEND, memoryLines } from "./MemoryBar.ts"
import { speedLines } from "./SpeedLines.ts"
import { field, wrapped } from "./Wrapped.ts"
import { styled } from "./Style.ts"

/** What a plan is shown with. */
export interface PlanView {
  readonly host: Host
  readonly masks: ReadonlyArray<DeviceMask>
  /** The host is only described: engines and times of this machine say nothing of it. */
  readonly described: boolean
  /** Characters of a line. */
  readonly width: number
}

/** Configs for people: GPUs hidden by the user, and a section for each cell. */
export const planPage = <R>(cells: ReadonlyArray<PlannedCell<R>>, view: PlanView): string =>
  [
    `${view.host.os}, ${view.host.cpu.model}`,
    ...view.masks.flatMap((mask) => maskText(mask) ?? []),
    ...cells.flatMap((cell) => [
      "",
      titleOf(cell),
      `  ${fitOrWhyNot(cell, view.width - 2)}`,
      ...section(cell, view, false),
    ]),
    "",
    ...together(cells, view),
    wrapped(BAR_LEGEND.split(" "), view.width, ""),
  ].join("\n")

/** How long all cells take, where there are several. */
const together = <R>(cells: ReadonlyArray<PlannedCell<R>>, { described, width }: PlanView): ReadonlyArray<string> => {
  const times = new Map(
    cells.flatMap(({ cell, placement, time }, at) =>
      "absent" in placement ? [] : [["value" in cell ? cell.value.spec.identity : at, time] as const],
    ),
  )
  return described || times.size < 2
    ? []
    : [wrapped(`All ${times.size} cells: ${totalTime([...times.values()])}.`.split(" "), width, ""), ""]
}

const fitOrWhyNot = <R>(cell: PlannedCell<R>, width: number): string =>
  isLeftOut(cell) && "absent" in cell.placement
    ? wrapped([styled(["bold", "yellow"], "LEFT OUT"), "·", ...cell.placement.absent.split(" ")], width, "  ")
    : fitLine(cell, width)

/** Models that no config names: whether each fits, in its first line, and every part of its memory below. */
export const modelPage = <R>(cells: ReadonlyArray<PlannedCell<R>>, view: PlanView): string =>
  [
    ...cells.flatMap((cell) => {
      const { backend, config, host, model } = cell
      return [
        fitLine(cell, view.width),
        "",
        styled("bold", wrapped(`${config.id} on ${host.os.replace("described: ", "")}`.split(" "), view.width, "  ")),
        field("model", aboutModel(model), view.width),
        field("backend", backend, view.width),
        ...section(cell, view, true),
        "",
      ]
    }),
    wrapped(BAR_LEGEND.split(" "), view.width, ""),
  ].join("\n")

/** Without what a server does not report. */
const aboutModel = (model: AnyModel): string =>
  [
    model.architecture,
    `${model.parameters === undefined ? "" : `${weightCount(model.parameters)} parameters in `}${weightsName(model)}${model.bitsPerWeight === undefined ? "" : ` (${model.bitsPerWeight.toFixed(2)} bits each)`}`,
    ...(model.weightBytes === undefined ? [] : [`${gib(model.weightBytes)} GiB`]),
  ].join(", ")

const titleOf = <R>({ backend, config, requested, scenario }: PlannedCell<R>): string =>
  styled("bold", [config.id, backend, placementText(requested), scenarioName(scenario)].join(" · "))

const section = <R>(cell: PlannedCell<R>, view: PlanView, whole: boolean): ReadonlyArray<string> => {
  const { demand, demandSource, host, others, placement, refused, rung, runtime, time, unusable } = cell
  const { described, width } = view
  const line = (name: string, text: string) => field(name, text, width)
  const name = (id: string): string => nameIn(host, id)
  const ramp =
    rung === undefined ? [] : [line("ramp", `rung ${rung.place} of at most ${rung.of}; run unless one below ends it`)]
  return [
    ...ramp,
    ...("absent" in placement
      ? []
      : [
          line("placement", placementName(placement.value, name)),
          ...(whole ? [""] : []),
          ...memoryLines(demand, host, width - 2).flatMap((bar, index) => [
            `  ${bar}`,
            ...(whole && !isAlike(demand[index]!, demand[index + 1]) ? partsOf(demand[index]!) : []),
          ]),
          ...(whole ? [""] : []),
          ...("by" in demandSource ? [line("memory", `by ${demandSource.by}`)] : []),
          ...("absent" in demandSource && "value" in runtime
            ? [line("memory", `${demand.length === 0 ? "unknown" : "by formula"}: ${demandSource.absent}`)]
            : []),
          ...learned(demand).map((formula) => line("overhead", formula)),
          ...notesOf(demand).map((note) => line(styled("yellow", "note"), note)),
        ]),
    ...(others.length === 0 ? [] : [line("also possible", alternatives(others, name))]),
    ...unusableGroups(unusable, host).map(({ devices, fix, why }) =>
      line(styled("yellow", "not usable"), `${devices}: ${why} ${fix}`),
    ),
    ...(isPlain(cell) || isLeftOut(cell)
      ? []
      : refused.map(({ reason, strategy }) => line("refused", `${strategy}: ${reason}`))),
    ...("absent" in placement ? [] : [line("longest context", contextOf(cell)), ...speedLines(cell, line, whole)]),
    ...("value" in time ? [line("time", timeText(time.value))] : []),
    ...(described
      ? []
      : [line("engine", "absent" in runtime ? runtime.absent : `${runtime.value.program} ${runtime.value.version}`)]),
  ]
}

const isLeftOut = ({ optional, placement }: Pick<PlannedCell, "optional" | "placement">): boolean =>
  optional === true && "absent" in placement

/** Where there is no GPU, nothing is said by strategies that take some. */
const isPlain = ({ host, placement }: Pick<PlannedCell, "host" | "placement">): boolean =>
  "value" in placement && host.devices.every(({ kind }) => kind === "cpu")

/** Devices that hold the same one after the other show it once, under the last. */
const isAlike = (one: DeviceDemand, next: DeviceDemand | undefined): boolean =>
  JSON.stringify(one.parts) === JSON.stringify(next?.parts)

const partsOf = ({ parts }: DeviceDemand): ReadonlyArray<string> =>
  parts
    .filter(({ bytes }) => bytes > 0)
    .map(({ basis, bytes, name }) => `    ${name.padEnd(18)}${gib(bytes).padStart(7)} GiB  ${basis}`)

const contextOf = ({ longestContext, model }: Pick<PlannedCell, "longestContext" | "model">): string => {
  if ("absent" in longestContext) return `unknown: ${longestContext.absent}`
  const { value } = longestContext
  return `${value} tokens${value === model.contextLength ? ", the maximum of this model" : ` of ${model.contextLength}`}`
}

/** The overhead that earlier records show; no formula gives it. */
const learned = (demand: PlannedCell["demand"]): ReadonlyArray<string> => [
  ...new Set(demand.flatMap(({ parts }) => parts.flatMap((part) => (part.basis === "learned" ? part.formula : [])))),
]

/** Assumptions that the figures rest on, and where two estimates disagree. */
const notesOf = (demand: PlannedCell["demand"]): ReadonlyArray<string> => [
  ...new Set(demand.flatMap(({ parts }) => parts.flatMap((part) => part.notes ?? []))),
]

/** Each strategy once, with the first of its placements. */
const alternatives = (others: ReadonlyArray<Placement>, name: (id: string) => string): string =>
  [...Map.groupBy(others, ({ strategy }) => strategy).values()]
    .map(([first]) => placementName(first!, name))
    .join(" · ")

const placementText = (requested: PlacementRequest): string =>
  typeof requested === "string" ? requested : `${requested.strategy}: ${requested.devices.join(" + ")}`
