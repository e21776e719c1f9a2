import type {
  CheckedClaim,
  CheckedNote,
  Entry,
  Estimate,
  MetricValue,
  Raised,
  Registry,
  RunRecord,
  Task,
  TelemetryOpening,
  Verdict,
  VerdictReason,
  View,
  AnyModel,
} from "@rigbook/core"
import { KINDS, raisedOf, scenarioName, visible, visibleLines, weightsName } from "@rigbook/core"
import { columnsOf, estimatesOf, metricOf, type Shelf, type SoleRole } from "@rigbook/records"
import { claimText, witnessText } from "../ClaimText.ts"
import { utcDate } from "../format.ts"
import { laddersOf } from "../Ladders.ts"
import { href } from "../markdown/escape.ts"
import { addressOf } from "../markdown/figures.ts"
import { deviceName, failureName, placementName, runtimeName, starsWords } from "../names.ts"
import { relativePath, reportPath } from "../paths.ts"
import { compare, type Judgement } from "../Scaling.ts"
import { type SideBySide, sideBySide, speedOf } from "../SideBySide.ts"
import { telemetryPanels } from "../TelemetryPlot.ts"
import { rounded } from "./rounded.ts"

/** A metric's figures in its unit (`cv` is a share), rounded to six digits, or the reason why there are none. */
export type PageValue =
  | {
      readonly median: number
      readonly low?: number
      readonly high?: number
      readonly cv?: number
      readonly trials: ReadonlyArray<number | null>
    }
  | string

/** A run as the page shows it. All text is safe to display. */
export interface PageRun {
  readonly id: string
  /** The config's id. */
  readonly model: string
  readonly name: string
  readonly task: Task
  readonly backend: string
  readonly runtime: string
  readonly placement: string
  readonly host: string
  readonly scenario: string
  readonly quantization: string
  /** Left out where its server does not report it; so are the other facts. */
  readonly bits?: number
  readonly started: string
  readonly verdict: Verdict["status"]
  /** With a level and advice of its own where they are not those of `PageData.reasons`. */
  readonly reasons: ReadonlyArray<{ readonly code: string; readonly detail: string } & Partial<PageReason>>
  readonly failure?: string
  /** Why its engine or driver is not the current one of its host. */
  readonly stale?: ReadonlyArray<string>
  /** The path from the page to the record. */
  readonly href: string
  /** The path to its own report, if there is one. */
  readonly report?: string
  /** Bytes on devices other than the processor: by the backend's rules, and as the engine reports them. */
  readonly memory?: { readonly estimated: number; readonly held: number }
  /** Each device's memory as estimated before the run, and as observed. */
  readonly estimates?: ReadonlyArray<PageEstimate>
  /** By the metric's id. */
  readonly values: Readonly<Record<string, PageValue>>
}

/** An estimate with an observed value; the report has the others. */
export interface PageEstimate {
  readonly device: string
  readonly parts: string
  readonly basis: string
  /** In bytes. */
  readonly estimated: number
  readonly found: number
  /** Share of the observed value by which the estimate is too high. */
  readonly error: number
}

/** What the registry says of a model beside its runs. */
export interface PageModel {
  readonly id: string
  readonly name: string
  readonly superseded: number
  /** The intended use in the config. */
  readonly use?: string
  readonly notes: ReadonlyArray<PageNote>
  readonly ratings: ReadonlyArray<{
    readonly useCase: string
    readonly run: string
    /** Absent if it is not rated. */
    readonly stars?: number
    /** The stars in words, or why there are none. */
    readonly text: string
  }>
  /** Of the latest run's file. */
  readonly facts?: {
    readonly architecture: string
    readonly parameters?: number
    readonly quantization: string
    readonly bits?: number
    readonly fileBytes?: number
    readonly context?: number
    readonly license?: string
  }
}

/** What a person wrote, and what the records say about its claims. */
export interface PageNote {
  readonly path: string
  readonly href: string
  readonly text: string
  readonly date?: string
  readonly author?: string
  readonly claims: ReadonlyArray<{
    readonly claim: string
    readonly state: CheckedClaim["state"]
    readonly witnesses: ReadonlyArray<{ readonly run: string; readonly text: string }>
  }>
}

/** Runs side by side that differ in one thing only; the others are relative to the first that has a figure. */
export interface PageComparison {
  /** Of the tables of this sort. */
  readonly title: string
  /** Where its runs have a size: of the column of sizes. */
  readonly head?: string
  readonly shelf: Shelf
  /** What is compared, and where it ran. */
  readonly name: string
  readonly runs: ReadonlyArray<{
    readonly run: string
    /** Tokens of context, requests at once, or requests a second; of quantizations it is in the run. */
    readonly size?: number
    readonly ratio?: number
    readonly judgement?: Judgement
  }>
}

/** Runs that differ only in one number of their scenario. */
export interface PageLadder {
  readonly by: string
  readonly name: string
  readonly steps: ReadonlyArray<{ readonly run: string; readonly size: number }>
}

/** What grows along ladders: in the words of their scenario kind. */
export interface PageRaised extends Pick<Raised, "plot"> {
  readonly head: string
  readonly shelf: Shelf
}

/** Telemetry of a run: lines over seconds, by what they show. */
export interface PageTrace {
  readonly run: string
  readonly panels: ReadonlyArray<{
    readonly title: string
    readonly lines: ReadonlyArray<{
      readonly name: string
      readonly s: ReadonlyArray<number>
      readonly value: ReadonlyArray<number>
    }>
  }>
}

/** The level of a reason, and what to do about it. */
export interface PageReason {
  readonly level: VerdictReason["level"]
  readonly advice: string
}

export interface PageMetric {
  readonly title: string
  readonly unit: string
  readonly better: "lower" | "higher"
}

/** Ids of the metrics that are columns, or choices of a plot, in their order. */
type PageColumns = Readonly<Record<Shelf, ReadonlyArray<string>>>

/** Everything that the page's script is given: it can't load the definitions of metrics. */
export interface PageData {
  readonly models: ReadonlyArray<PageModel>
  readonly runs: ReadonlyArray<PageRun>
  readonly comparisons: ReadonlyArray<PageComparison>
  readonly ladders: ReadonlyArray<PageLadder>
  /** What plots of ladders say, by what grows along them. */
  readonly raised: Readonly<Record<string, PageRaised>>
  readonly traces: ReadonlyArray<PageTrace>
  readonly metrics: Readonly<Record<string, PageMetric>>
  readonly columns: Readonly<Record<"runs" | "sizes" | "ladders", PageColumns>>
  /** Ids of the metrics by which runs of a task are compared. */
  readonly roles: Readonly<Record<SoleRole, Readonly<Record<Task, string>>>>
  /** By code, as in the newest record that has it. */
  readonly reasons: Readonly<Record<string, PageReason>>
}

/**
 * The same, with runs made one by one as they are read: all at once they are as large as the values of their records.
 */
export interface PageSource extends Omit<PageData, "runs"> {
  readonly runs: Iterable<PageRun>
}

type Shown = Pick<Registry, "entries" | "metrics" | "reports" | "stale" | "telemetry">

/** What a page in `folder` shows of a registry, and of its telemetry if that is given. Pure. */
export const pageSource = (
  { entries, metrics, reports, stale, telemetry = new Map() }: Shown,
  folder: string,
): PageSource => {
  const records = entries.flatMap((entry) => entry.records)
  const reasons = reasonsOf(records)
  return {
    models: entries.map((entry) => pageModel(entry, folder)),
    runs: {
      *[Symbol.iterator]() {
        for (const record of records) yield pageRun(record, { folder, reasons, reports, stale })
      },
    },
    comparisons: namedApart(sideBySide(entries).map(pageComparison)),
    ladders: entries.flatMap((entry) =>
      laddersOf(entry.records).map(({ raised, name, steps }) => ({
        by: raised.by,
        name: visible(name),
        steps: steps.map(({ record, size }) => ({ run: record.id, size })),
      })),
    ),
    traces: records.flatMap((record) => traceOf(record, telemetry.get(record.id) ?? [])),
    metrics: metricsOf(records),
    raised: Object.fromEntries(
      Object.values(KINDS)
        .toSorted((a, b) => Number(a.load) - Number(b.load))
        .flatMap(({ load, raised, task }) =>
          raised === undefined
            ? []
            : [[raised.by, { head: capital(raised.head), plot: raised.plot, shelf: load ? "load" : task }]],
        ),
    ),
    columns: { runs: shelves("runs", metrics), sizes: shelves("sizes", metrics), ladders: shelves("ladders", metrics) },
    roles: { speed: byTask("speed"), throughput: byTask("throughput"), wait: byTask("wait"), memory: byTask("memory") },
    reasons,
  }
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const shelves = (view: View, metrics: Registry["metrics"]): PageColumns => {
  const ids = (shelf: Shelf) => columnsOf(view, shelf, metrics).map(({ metric }) => metric.id)
  return { generate: ids("generate"), embed: ids("embed"), load: ids("load") }
}

const byTask = (role: SoleRole): Readonly<Record<Task, string>> => ({
  generate: metricOf(role, "generate").id,
  embed: metricOf(role, "embed").id,
})

/** All of it at once. */
export const pageData = (source: PageSource): PageData => ({ ...source, runs: [...source.runs] })

const pageRun = (
  record: RunRecord,
  {
    folder,
    reasons,
    reports,
    stale,
  }: Pick<Registry, "reports" | "stale"> & Pick<PageData, "reasons"> & { readonly folder: string },
): PageRun => {
  const outdated = stale.get(record.id)
  const { cell, id, startedAt, values, verdict } = record
  const failure = failureName(record)
  const memory = deviceMemory(record)
  const estimates = estimatesOf(record).flatMap((estimate) => pageEstimate(record, estimate))
  return {
    id,
    model: cell.config.id,
    name: visible(cell.config.name),
    task: cell.task,
    backend: visible(cell.backend),
    runtime: visible(`${cell.runtime.program} ${cell.runtime.version}`),
    placement: visible(placementName(record)),
    host: visible(cell.host.fingerprint),
    scenario: visible(scenarioName(cell.scenario)),
    quantization: visible(weightsName(cell.model)),
    ...bitsOf(cell.model),
    started: visible(utcDate(startedAt)),
    verdict: verdict.status,
    reasons: verdict.reasons.map((reason) => runReason(reason, reasons)),
    ...(failure === undefined ? {} : { failure: visible(failure) }),
    ...(outdated === undefined ? {} : { stale: outdated.map(visible) }),
    href: addressOf(record, folder),
    ...(reports.has(id) ? { report: href(relativePath(folder, reportPath(record))) } : {}),
    ...(memory === undefined ? {} : { memory }),
    ...(estimates.length === 0 ? {} : { estimates }),
    values: Object.fromEntries(values.map((value) => [value.metric, pageValue(value)])),
  }
}

const pageReason = ({ advice, level }: VerdictReason): PageReason => ({ level, advice: visible(advice) })

/** Records of other versions may have other reasons, or other advice for the same. */
const reasonsOf = (records: ReadonlyArray<RunRecord>): PageData["reasons"] => {
  const newest = new Map<string, { readonly id: string; readonly reason: VerdictReason }>()
  for (const { id, verdict } of records)
    for (const reason of verdict.reasons) {
      const code = visible(reason.code)
      if (id > (newest.get(code)?.id ?? "")) newest.set(code, { id, reason })
    }
  const codes = [...newest.keys()].toSorted()
  return Object.fromEntries(codes.map((code) => [code, pageReason(newest.get(code)!.reason)]))
}

const runReason = (reason: VerdictReason, known: PageData["reasons"]): PageRun["reasons"][number] => {
  const code = visible(reason.code)
  const own = pageReason(reason)
  const { advice, level } = known[code]!
  const isKnown = advice === own.advice && level === own.level
  return { code, detail: visible(reason.detail), ...(isKnown ? {} : own) }
}

/** A metric's value as the page shows it. */
export const pageValue = ({ result }: MetricValue): PageValue => {
  if ("absent" in result) return visible(result.absent)
  const { cv, high, low, median } = result.summary
  return {
    median: rounded(median),
    ...(low === undefined || high === undefined ? {} : { low: rounded(low), high: rounded(high) }),
    ...(cv === undefined ? {} : { cv: rounded(cv) }),
    trials: result.trials.map((trial) => (trial === null ? null : rounded(trial))),
  }
}

const pageEstimate = (
  { cell }: RunRecord,
  { basis, bytes, device, error, found, parts }: Estimate,
): ReadonlyArray<PageEstimate> =>
  "absent" in found || "absent" in error
    ? []
    : [
        {
          device: visible(deviceName(cell.host, device)),
          parts: visible(parts.join(" + ")),
          basis,
          estimated: bytes,
          found: found.value,
          error: rounded(error.value),
        },
      ]

/** It compares buffers of the kinds and devices that the backend has a rule for. */
const deviceMemory = ({ effective, requested }: RunRecord): PageRun["memory"] => {
  const estimated = requested.buffers ?? []
  if (estimated.length === 0 || effective === undefined) return undefined
  const known = new Set(estimated.map(({ device, kind }) => JSON.stringify([device, kind])))
  const held = effective.buffers.filter(({ device, kind }) => known.has(JSON.stringify([device, kind])))
  const sum = (buffers: typeof estimated) => buffers.reduce((total, { bytes }) => total + bytes, 0)
  return held.length === 0 ? undefined : { estimated: sum(estimated), held: sum(held) }
}

const traceOf = (record: RunRecord, openings: ReadonlyArray<TelemetryOpening>): ReadonlyArray<PageTrace> => {
  const panels = new Map<string, Array<PageTrace["panels"][number]["lines"][number]>>()
  for (const opening of openings)
    for (const { points, title } of telemetryPanels(record, opening))
      for (const [name, line] of Map.groupBy(points, (point) => point.line)) {
        if (line.length < 2) continue
        const lines = panels.get(title) ?? []
        panels.set(title, lines)
        const own = openings.length === 1 ? name : `${name}, opening ${opening.opening + 1}`
        lines.push({
          name: visible(own),
          s: line.map(({ s }) => short(s)),
          value: line.map(({ value }) => short(value)),
        })
      }
  return panels.size === 0 ? [] : [{ run: record.id, panels: [...panels].map(([title, lines]) => ({ title, lines })) }]
}

/** As many digits as a plot can show. */
const short = (value: number): number => Number(value.toPrecision(4))

const pageComparison = ({ family, records, varying }: SideBySide): PageComparison => {
  const [base] = records
  const { backend, config, host, scenario, task } = base.cell
  const { head, shelf, title } = varying
  const setup = head === undefined ? `${family}, ${scenarioName(scenario)}` : `${config.name}, ${scenario.kind}`
  return {
    title,
    ...(head === undefined ? {} : { head: capital(head) }),
    shelf: shelf ?? task,
    name: visible(`${setup}, ${backend} (${runtimeName(base)}), host ${host.fingerprint}`),
    runs: records.map((record) => {
      const { compared } = compare(base, record, speedOf(varying, task))
      return {
        run: record.id,
        ...(head === undefined ? {} : { size: raisedOf(record.cell.scenario)! }),
        ...(compared === undefined ? {} : { ratio: rounded(compared.ratio), judgement: compared.judgement }),
      }
    }),
  }
}

/**
 * Two that differ in something that is not in the name, such as an option, are numbered: to a screen reader the name is
 * all.
 */
const namedApart = (comparisons: ReadonlyArray<PageComparison>): ReadonlyArray<PageComparison> => {
  const counts = new Map<string, number>()
  return comparisons.map((comparison) => {
    const count = (counts.get(comparison.name) ?? 0) + 1
    counts.set(comparison.name, count)
    return count === 1 ? comparison : { ...comparison, name: `${comparison.name} (${count})` }
  })
}

const pageNote = ({ author, claims, date, path, text }: CheckedNote, folder: string): PageNote => ({
  path: visible(path),
  href: href(relativePath(folder, path)),
  text: visibleLines(text),
  ...(date === undefined ? {} : { date: visible(date) }),
  ...(author === undefined ? {} : { author: visible(author) }),
  claims: claims.map(({ claim, state, witnesses }) => ({
    claim: visible(claimText(claim)),
    state,
    witnesses: witnesses.map((witness) => ({ run: witness.record.id, text: visible(witnessText(witness)) })),
  })),
})

const pageModel = ({ id, name, notes, planned, ratings, records, superseded }: Entry, folder: string): PageModel => {
  const latest = records.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0)).at(-1)
  return {
    id,
    name: visible(name),
    superseded,
    ...(planned === undefined ? {} : { use: visible(planned.use) }),
    notes: notes.map((note) => pageNote(note, folder)),
    ratings: ratings.map(({ record, result, useCase }) => ({
      useCase: visible(useCase.title),
      run: record.id,
      ...("stars" in result
        ? { stars: result.stars, text: starsWords(result) }
        : { text: `not rated: ${visible(result.notRated)}` }),
    })),
    ...(latest === undefined ? {} : { facts: factsOf(latest) }),
  }
}

const bitsOf = (model: AnyModel): { readonly bits?: number } => {
  const { bitsPerWeight } = model.unpackedFrom ?? model
  return bitsPerWeight === undefined ? {} : { bits: rounded(bitsPerWeight) }
}

const factsOf = ({ cell: { license, model } }: RunRecord): NonNullable<PageModel["facts"]> => ({
  architecture: visible(model.architecture),
  ...(model.parameters === undefined ? {} : { parameters: model.parameters }),
  quantization: visible(weightsName(model)),
  ...bitsOf(model),
  ...(model.fileBytes === undefined ? {} : { fileBytes: model.fileBytes }),
  ...(model.contextLength === undefined ? {} : { context: model.contextLength }),
  ...(license === undefined ? {} : { license: visible(license) }),
})

const metricsOf = (records: ReadonlyArray<RunRecord>): PageData["metrics"] => {
  const metrics = new Map<string, PageMetric>()
  for (const { values } of records)
    for (const { better, metric, title, unit } of values)
      if (!metrics.has(metric)) metrics.set(metric, { title: visible(title), unit: visible(unit), better })
  return Object.fromEntries([...metrics].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
