import {
  type CellSpec,
  type MetricValue,
  placedGpus,
  reason,
  type Sample,
  seriesOf,
  type TelemetryOpening,
  THROTTLING,
  type TrialTelemetry,
  trialTelemetry,
  type VerdictReason,
} from "@rigbook/core"
import { withRole } from "../metrics/Roles.ts"
import { median } from "../statistics/Quantile.ts"

interface Evidence {
  readonly cell: CellSpec
  readonly samples: ReadonlyArray<Sample>
  readonly values: ReadonlyArray<MetricValue>
  readonly telemetry: ReadonlyArray<TelemetryOpening>
}

/** Shares of all cores, and of a GPU's time, that others may use. */
const MAX_FOREIGN = 0.25
const MAX_FOREIGN_UTILIZATION = 0.05
/** The kernel counts processor time in steps of 10 ms: a smaller share would be an artifact of the counting. */
const LEAST_HOST_MS = 1_000
/** Share of a trial's time in which our event loop may be busy. */
const MAX_LOOP = 0.8
/** Timestamps may be late by this share of the measured time. */
const MAX_LATE = 0.05
const WAITS: ReadonlySet<string> = new Set(withRole("wait").map(({ id }) => id))

/** Judges what telemetry observed during the measured trials, and before. Pure. */
export const judgeTelemetry = (evidence: Evidence): ReadonlyArray<VerdictReason> => {
  const { cell, samples, telemetry } = evidence
  const placed = placedGpus(cell)
  const trials = samples
    .filter(({ phase }) => phase === "measured")
    .flatMap((sample) => trialTelemetry(telemetry, sample, placed) ?? [])
  return [
    ...foreignProcesses(trials),
    ...foreignLoad(trials),
    ...limits(trials),
    ...clientBound(evidence, trials),
    ...unobserved(trials),
  ]
}

const foreignProcesses = (trials: ReadonlyArray<TrialTelemetry>): ReadonlyArray<VerdictReason> => {
  const found = new Set<string>()
  for (const { idle, placed, readings } of trials)
    for (const device of placed) {
      const before = idle.devices?.[device]
      // Before the engine is started all processes are others', in whatever namespace the driver counts them.
      for (const { pid } of before?.processes ?? []) found.add(`process ${pid} was on ${device} before the start`)
      if ((before?.utilization ?? 0) > MAX_FOREIGN_UTILIZATION)
        found.add(`${device} was busy ${percent(before!.utilization!)} of the time before the start`)
      for (const { devices } of readings)
        for (const { owner, pid } of devices?.[device]?.processes ?? [])
          if (owner === "foreign") found.add(`process ${pid} was on ${device} while trials ran`)
    }
  return found.size === 0 ? [] : [reason("foreign-process", [...found].join("; "))]
}

/** Processor time of the machine used neither by the engine nor by Rigbook. */
const foreignLoad = (trials: ReadonlyArray<TrialTelemetry>): ReadonlyArray<VerdictReason> => {
  let foreignMs = 0
  let totalMs = 0
  for (const { readings } of trials) {
    const [first, last] = [readings[0]!, readings.at(-1)!]
    if (first.host === undefined || last.host === undefined) continue
    if (first.engine === undefined || last.engine === undefined) continue
    const ours = last.engine.cpuMs - first.engine.cpuMs + last.own.cpuMs - first.own.cpuMs
    foreignMs += last.host.busyMs - first.host.busyMs - ours
    totalMs += last.host.totalMs - first.host.totalMs
  }
  const share = totalMs < LEAST_HOST_MS ? 0 : foreignMs / totalMs
  return share <= MAX_FOREIGN
    ? []
    : [
        reason(
          "busy-host",
          `other programs used ${percent(share)} of the processor while trials ran (bound ${percent(MAX_FOREIGN)})`,
        ),
      ]
}

const limits = (trials: ReadonlyArray<TrialTelemetry>): ReadonlyArray<VerdictReason> => {
  const counts = new Map<string, number>()
  let capped = 0
  let count = 0
  for (const { placed, readings } of trials)
    for (const { devices } of readings)
      for (const device of placed) {
        const active = devices?.[device]?.limits ?? []
        count++
        if (active.includes("power-cap")) capped++
        for (const limit of active)
          if (THROTTLING.has(limit)) counts.set(`${limit} on ${device}`, (counts.get(`${limit} on ${device}`) ?? 0) + 1)
      }
  const observed = [...counts].map(([limit, times]) => `${limit} in ${times} of ${count} readings`)
  return [
    ...(observed.length === 0 ? [] : [reason("throttled", observed.join("; "))]),
    ...(capped === 0 ? [] : [reason("power-capped", `in ${capped} of ${count} readings`)]),
  ]
}

/** Whether our own event loop limited the rate, or timestamps were late. */
const clientBound = ({ values }: Evidence, trials: ReadonlyArray<TrialTelemetry>): ReadonlyArray<VerdictReason> => {
  const busy = trials.map(({ readings }) => {
    const [first, last] = [readings[0]!, readings.at(-1)!]
    return (last.own.loopMs - first.own.loopMs) / (last.atMs - first.atMs)
  })
  const late = trials.flatMap(({ readings }) => readings.flatMap(({ lateMs }) => lateMs ?? []))
  const shortest = values.find(({ metric }) => WAITS.has(metric))?.result
  const bound = shortest !== undefined && "summary" in shortest ? MAX_LATE * shortest.summary.median : Infinity
  return [
    ...(median(busy) > MAX_LOOP
      ? [`Rigbook's event loop was busy ${percent(median(busy))} of the time (bound ${percent(MAX_LOOP)})`]
      : []),
    ...(median(late) > bound
      ? [`Rigbook's event loop was ${median(late).toFixed(1)} ms late at the median (bound ${bound.toFixed(1)} ms)`]
      : []),
  ].map((detail) => reason("client-bound", detail))
}

const unobserved = (trials: ReadonlyArray<TrialTelemetry>): ReadonlyArray<VerdictReason> => {
  const [first] = trials
  if (first === undefined) return []
  const silent = first.placed.filter((device) =>
    trials.every(({ readings }) => seriesOf(readings, device, ({ usedBytes }) => usedBytes).length === 0),
  )
  return silent.map((device) => reason("memory-unobserved", `${device}: ${first.whyAbsent(device, "usedBytes")}`))
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
