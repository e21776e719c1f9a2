import { bytesOf, type Host, type Placement, placementName, type PlacementRequest, scenarioName } from "@rigbook/core"
import { ConfigError, readRecords } from "@rigbook/records"
import { captureHost, type Forecast, forecast, readHostDescription, ruleOfThumb } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { styleText } from "node:util"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { BAR_LEGEND, memoryLines } from "../output/MemoryBar.ts"
import { print, printJson } from "../output/Print.ts"
import { installedBackends } from "../Plugins.ts"
import { configPaths, namedFile, openWorkspace } from "./OpenWorkspace.ts"

/** Shows what configs come to, here or on a described host. Exit code 1 when a cell has no placement. */
export const plan = Effect.fn("Plan.plan")(function* ({ configs, host: named, json }: ActionOf<"plan">) {
  const workspace = yield* openWorkspace
  const host = named === undefined ? yield* captureHost : yield* describedAt(workspace.hosts, named)
  const { forecasts, issues } = yield* forecast({
    workspace,
    configs: yield* configPaths(workspace, configs),
    backends: yield* installedBackends,
    host,
    described: named !== undefined,
    records: named === undefined ? (yield* readRecords(workspace.raw)).records : [],
  })
  const [first, ...rest] = issues
  if (first !== undefined) return yield* new ConfigError({ issues: [first, ...rest] })
  yield* json ? printJson({ host, cells: forecasts.map(entry) }) : print(page(forecasts, host))
  return forecasts.every(({ placement }) => placement !== undefined) ? EXIT.done : EXIT.failed
})

const describedAt = Effect.fnUntraced(function* (folder: string, name: string) {
  const path = yield* namedFile(folder, name, "host")
  return yield* readHostDescription(path, relative(process.cwd(), path))
})

/** A cell for machines: what `Forecast` says, with sums. */
const entry = ({ demand, host, others, placement, whole, ...rest }: Forecast) => ({
  ...rest,
  placement: placement ?? null,
  others,
  demand: demand.map(({ device, parts }) => {
    const freeBytes = host.devices.find(({ id }) => id === device)?.freeBytes
    const bytes = bytesOf(parts)
    return { device, bytes, ...(freeBytes === undefined ? {} : { freeBytes, leftBytes: freeBytes - bytes }), parts }
  }),
  wholeBytes: whole.totalBytes,
  ruleOfThumb: ruleOfThumb(rest.model),
})

const page = (forecasts: ReadonlyArray<Forecast>, host: Host): string =>
  [`${host.os}, ${host.cpu.model}`, ...forecasts.map((each) => section(each)), "", BAR_LEGEND].join("\n")

const section = (cell: Forecast): string => {
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
      ? `${longestContext.value} tokens${longestContext.value === model.contextLength ? ", all that it was trained for" : ` of ${model.contextLength}`}`
      : `unknown: ${longestContext.absent}`
  return [
    "",
    styleText("bold", [config.id, backend, asked(cell.requested), scenarioName(scenario)].join(" · ")),
    ...(cell.rung === undefined
      ? []
      : [`  ramp             rung ${cell.rung.place} of at most ${cell.rung.of}; run unless one below ends it`]),
    ...(placement === undefined
      ? [`  ${styleText("red", "no placement is possible")}`]
      : [
          `  placement        ${placementName(placement, name)}`,
          ...memoryLines(demand, host).map((line) => `  ${line}`),
          `  memory           ${"by" in demandSource ? `by ${demandSource.by}` : `by formula: ${demandSource.absent}`}`,
          ...learned(demand),
          ...notes(demand),
        ]),
    ...(others.length === 0 ? [] : [`  also possible    ${alternatives(others, name)}`]),
    ...refused.map(({ reason, strategy }) => `  refused          ${strategy}: ${reason}`),
    ...(placement === undefined ? [] : [`  longest context  ${context}`, `  rule of thumb    ${thumb(cell)}`]),
    `  time             ${"value" in cell.seconds ? duration(cell.seconds.value) : `unknown: ${cell.seconds.absent}`}`,
    `  engine           ${"absent" in runtime ? runtime.absent : `${runtime.program} ${runtime.version}`}`,
  ].join("\n")
}

/** What earlier records say of the overhead, which no formula tells. */
const learned = (demand: Forecast["demand"]): ReadonlyArray<string> => {
  const formulas = demand.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.basis === "learned" ? part.formula : [])),
  )
  return [...new Set(formulas)].map((formula) => `  overhead         ${formula}`)
}

/** What figures rest on that are no more than likely, and where two ways to them disagree. */
const notes = (demand: Forecast["demand"]): ReadonlyArray<string> =>
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

/** Against the sum of all devices: the rule knows of one number only. */
const thumb = ({ demand, model }: Forecast): string => {
  const { high, low } = ruleOfThumb(model)
  const need = demand.reduce((sum, { parts }) => sum + bytesOf(parts), 0)
  const off = (100 * (high - need)) / need
  return `weights + 15 to 20 % would be ${gib(low)} to ${gib(high)} GiB, ${Math.abs(off).toFixed(0)} % ${off < 0 ? "too little" : "too much"}`
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2)

const duration = (seconds: number): string =>
  seconds < 120 ? `about ${Math.round(seconds)} s` : `about ${Math.round(seconds / 60)} min`
