import { medianOf, type Registry, remembered, type RunRecord } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { mainDevices } from "../mainDevices.ts"
import { stepName } from "../StepName.ts"
import { type Tradeoff, tradeoffsOf } from "../Tradeoffs.ts"
import { memoryText, memoryUnit, uncertain } from "../Uncertain.ts"
import { barsSvg, type Bars } from "./BarsSvg.ts"
import { type Stacks, stacksSvg } from "./StacksSvg.ts"
import type { Theme } from "./Svg.ts"

/** A plot as an SVG, drawn for a theme. */
export type Plot = (theme: Theme) => string

/** Models that the plot of memory has room for. */
const MODELS = 14

/** The plots of a registry, by the names of their files. Pure. */
export const plotsOf = remembered((registry: Registry): ReadonlyMap<string, Plot> => {
  const plots = new Map<string, Plot>()
  const stacks = memoryStacks(registry)
  if (stacks.rows.length > 0) plots.set("memory", (theme) => stacksSvg(stacks, theme))
  for (const [tradeoff] of tradeoffsOf(registry)) {
    const bars = tradeoffBars(tradeoff!)
    if (bars.panels.length > 0) plots.set(tradeoff!.by, (theme) => barsSvg(bars, theme))
  }
  return plots
})

const memoryStacks = ({ planned }: Registry): Stacks => ({
  title: "Estimated memory by device, GiB",
  rows: planned
    .flatMap(({ estimates, name }) => ("absent" in estimates ? [] : estimates.map((estimate) => ({ estimate, name }))))
    .filter(({ estimate }) => estimate.placement !== undefined)
    .slice(0, MODELS)
    .map(({ estimate, name }) => ({
      label: name,
      bars: mainDevices(estimate).map(({ bytes, freeBytes, name: device, parts }) => ({
        label: device,
        text: memoryText(bytes, "GiB"),
        ...(freeBytes === undefined ? {} : { free: freeBytes }),
        weights: parts.filter((part) => part.name === "weights").reduce((sum, part) => sum + part.bytes, 0),
        cache: parts.filter((part) => /cache/i.test(part.name)).reduce((sum, part) => sum + part.bytes, 0),
        all: bytes,
      })),
    })),
})

const tradeoffBars = (tradeoff: Tradeoff): Bars => {
  const { isLoad, records, speed } = tradeoff
  const [base] = records
  const { task } = base.cell
  const second = task === "embed" || tradeoff.sizeOf === undefined ? "memory" : "wait"
  const metrics = [...new Set([speed, ...(isLoad ? [] : [metricOf(second, task).id])])].map((metric) => ({
    metric,
    memory: memoryUnit(records.map((record) => medianOf(record, metric))),
  }))
  return {
    title: tradeoff.title,
    panels: metrics.flatMap(({ metric }) => {
      const value = records.flatMap((record) => valueOf(record, metric) ?? [])[0]
      return value === undefined
        ? []
        : [{ title: value.unit === "B" ? value.title : `${value.title}, ${value.unit}`, metric }]
    }),
    rows: records.map((record) => ({
      label: stepName(tradeoff, record, base),
      status: record.verdict.status,
      values: metrics.map(({ memory, metric }) => {
        const value = valueOf(record, metric)
        if (value === undefined || "absent" in value.result || record.verdict.status === "invalid") return undefined
        const { high, low, median } = value.result.summary
        const shown = uncertain(value.result.summary, value.unit, memory)
        return { median, low: low ?? median, high: high ?? median, text: shown }
      }),
    })),
  }
}

const valueOf = ({ values }: RunRecord, metric: string) =>
  values.find((candidate) => candidate.metric === metric && "summary" in candidate.result)
