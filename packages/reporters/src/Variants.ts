import {
  canonicalJson,
  type Host,
  isLoad,
  isQuality,
  medianOf,
  remembered,
  type RunRecord,
  scenarioName,
  syntheticMark,
  type Task,
} from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import type { Family } from "@rigbook/registry"
import { Order } from "effect"
import { placementName } from "./names.ts"
import { contextOption, withoutOption } from "./RungOptions.ts"

/** A model as it may be run: in one quantization, engine, placement and set of options, on one host. */
export interface Variant {
  /** Not escaped; once for a family, host and task: `Q4_1 · llamacpp`. */
  readonly label: string
  /** Where it stands on its family's page: once there. */
  readonly anchor: string
  readonly host: Host
  readonly task: Task
  /** Its current runs, in the registry's order. */
  readonly records: readonly [RunRecord, ...ReadonlyArray<RunRecord>]
}

/** A family's variants, by host, task and bits per weight. Pure. */
export const variantsOf = remembered(({ entries }: Family): ReadonlyArray<Variant> => {
  const records = entries.flatMap((entry) => entry.records)
  const anchors = new Map<string, number>()
  const anchorOf = (label: string): string => {
    const slug =
      label
        .toLowerCase()
        .replaceAll(/[^a-z0-9_]+/g, "-")
        .replaceAll(/^-|-$/g, "") || "variant"
    const count = (anchors.get(slug) ?? 0) + 1
    anchors.set(slug, count)
    return count === 1 ? slug : `${slug}--${count}`
  }
  return [...Map.groupBy(records, ({ cell }) => `${cell.host.fingerprint} ${cell.task}`).values()].flatMap((here) => {
    const isPlaced = new Set(here.map(placementName)).size > 1
    const labelOf = (record: RunRecord): string =>
      [weightsLabel(record), record.cell.backend, ...(isPlaced ? [placementName(record)] : [])].join(" · ")
    return [...Map.groupBy(here, labelOf)]
      .flatMap(([label, alike]) => settled(label, alike))
      .toSorted((a, b) => bitsOf(a) - bitsOf(b) || Order.String(a.label, b.label))
      .map((variant): Variant => ({ ...variant, anchor: anchorOf(variant.label) }))
  })
})

type Unplaced = Omit<Variant, "anchor">

const bitsOf = ({ records: [{ cell }] }: Unplaced): number => (cell.model.unpackedFrom ?? cell.model).bitsPerWeight ?? 0

const weightsLabel = ({ cell: { model } }: RunRecord): string => {
  const from = model.unpackedFrom === undefined ? "" : ` from ${model.unpackedFrom.quantization}`
  const mark = syntheticMark(model)
  return `${model.quantization}${from}${mark === undefined ? "" : ` (${mark})`}`
}

/** Runs of other options or another file are another variant; the one with most runs needs no word for its own. */
const settled = (label: string, records: ReadonlyArray<RunRecord>): ReadonlyArray<Unplaced> => {
  const keyOf = ({ cell }: RunRecord): string => `${cell.model.sha256} ${JSON.stringify(cell.options)}`
  const keyWithout = ({ cell }: RunRecord, name: string): string =>
    `${cell.model.sha256} ${JSON.stringify(withoutOption(cell.options, name))}`
  const fixed = records.filter((record) => contextOption(record) === undefined)
  // A rung that set its own context belongs to the runs with which it shares all else.
  const settingsOf = (record: RunRecord): string => {
    const own = contextOption(record)
    if (own === undefined) return keyOf(record)
    const others = keyWithout(record, own)
    const shared = fixed.find((other) => keyWithout(other, own) === others)
    return shared === undefined ? others : keyOf(shared)
  }
  const groups = [...Map.groupBy(records, settingsOf).values()]
  const [usual] = groups.toSorted((a, b) => b.length - a.length || Order.String(a[0]!.id, b[0]!.id))
  return groups.map((of) => {
    const [first, ...rest] = of
    const { host, task } = first!.cell
    const differs = of === usual ? [] : [differences(usual![0]!, first!)]
    return { label: [label, ...differs].join(" · "), host, task, records: [first!, ...rest] }
  })
}

const differences = (usual: RunRecord, { cell }: RunRecord): string => {
  const options = optionsOf(cell.options)
  const before = new Map(optionsOf(usual.cell.options))
  const words = options.flatMap(([name, value]) => (before.get(name) === value ? [] : [`${name} ${value}`]))
  const file = cell.model.sha256 === usual.cell.model.sha256 ? [] : [`file ${cell.model.sha256.slice(0, 8)}`]
  return [...words, ...file].join(", ") || "other options"
}

const optionsOf = (options: unknown): ReadonlyArray<readonly [string, string]> =>
  typeof options === "object" && options !== null
    ? Object.entries(options).map(([name, value]) => [name, typeof value === "string" ? value : canonicalJson(value)])
    : []

/** How often a scenario is measured, by its name. */
export type Commonness = ReadonlyMap<string, number>

export const commonness = (variants: ReadonlyArray<Variant>): Commonness => {
  const counts = new Map<string, number>()
  for (const { records } of variants)
    for (const name of new Set(records.map(({ cell }) => scenarioName(cell.scenario))))
      counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/**
 * The run that stands for a variant in a table of models. Of a language model: the scenario that most variants have, without
 * load, latency before others. Of an embedding model: the fastest that is valid, before one of quality. An invalid one only where nothing else is there.
 */
export const shownRun = ({ records, task }: Variant, common: Commonness): RunRecord => {
  const speed = metricOf("speed", task).id
  const rank = (record: RunRecord): ReadonlyArray<number> => {
    const { scenario } = record.cell
    const { status } = record.verdict
    return task === "embed"
      ? [isQuality(scenario) ? 1 : 0, RANK[status], -(medianOf(record, speed) ?? 0)]
      : [
          status === "invalid" ? 1 : 0,
          isLoad(scenario) ? 1 : 0,
          scenario.kind === "latency" ? 0 : 1,
          -(common.get(scenarioName(scenario)) ?? 0),
          RANK[status],
        ]
  }
  return records.reduce((best, next) => (inOrder(rank(next), rank(best)) < 0 ? next : best))
}

const RANK = { valid: 0, suspect: 1, invalid: 2 } as const

const inOrder = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.map((value, index) => value - b[index]!).find((difference) => difference !== 0) ?? 0
