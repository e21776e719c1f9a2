import {
  bytesOf,
  CPU,
  type DeviceDemand,
  type Host,
  type AnyModel,
  type Placement,
  type RunRecord,
  type Runtime,
} from "@rigbook/core"
import { knownBytes, quantile, observedBytes } from "@rigbook/records"

/** The part of a demand that no file and no formula gives: what the engine's program and its driver take. */
export const OVERHEAD = "runtime overhead"

/** What one record shows of an engine's overhead on one device. */
export interface ObservedOverhead {
  readonly record: string
  readonly engine: string
  /** `cpu`, or a GPU's name and its driver's version, and how the model is put there. */
  readonly device: string
  /** What it is of, not its file: a plan may have read no more than its header. */
  readonly model: string
  /** Its layers, where its files say. */
  readonly layers?: number
  readonly bytes: number
}

/** Above the median: a plan that is a little too careful costs less than one that does not fit. */
const SHARE = 0.95

/**
 * Device memory observed in use (on the processor: resident memory) less what is known of it: the engine's own
 * buffers where it reports them, else the estimate of parts. From runs that are not invalid and that no other process
 * disturbed. Pure.
 */
export const observedOverheads = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ObservedOverhead> =>
  records.flatMap((record) => {
    const { cell, failure, id, requested, verdict } = record
    const disturbed = verdict.reasons.some(({ code }) => code === "foreign-process")
    if (failure !== undefined || verdict.status === "invalid" || disturbed) return []
    return (requested.demand ?? []).flatMap(({ device, parts }) => {
      if (!parts.some(({ name }) => name === OVERHEAD)) return []
      const observed = observedBytes(record, device)
      const bytes = "value" in observed ? observed.value - knownBytes(record, device, OVERHEAD) : 0
      // Pages that the engine never touched are not resident: then the rest can't be computed.
      if (bytes <= 0) return []
      const engine = engineName(cell.backend, cell.runtime)
      return [
        {
          record: id,
          engine,
          device: deviceKind(cell.host, cell.placement, device),
          model: modelKind(cell.model),
          ...(cell.model.layers === undefined ? {} : { layers: cell.model.layers }),
          bytes,
        },
      ]
    })
  })

const engineName = (backend: string, { libraries, program, version }: Runtime): string =>
  [
    backend,
    program,
    version,
    ...Object.entries(libraries)
      .map(([name, of]) => `${name} ${of}`)
      .toSorted(),
  ].join(" ")

const modelKind = ({ architecture, parameters, quantization }: AnyModel): string =>
  `${architecture} of ${parameters} parameters in ${quantization}`

/** Each process of a model has an overhead of its own: an observation of one says nothing about two. */
const deviceKind = ({ devices }: Host, { degree = 1, devices: placed, strategy }: Placement, id: string): string => {
  const device = devices.find((candidate) => candidate.id === id)
  const name = id === CPU ? CPU : [device?.name ?? id, device?.driver ?? "driver unknown"].join(", ")
  return `${name}: ${strategy} of ${placed.length}, degree ${degree}`
}

/** A model of half as many layers more or less: what is wrong in an estimate grows with the layers, and is no overhead. */
const isLike = (one: number | undefined, other: number | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && Math.max(one, other) < 1.5 * Math.min(one, other))

/** The cell whose overhead is needed. */
export interface OverheadOf {
  readonly backend: string
  readonly runtime: Runtime
  readonly model: AnyModel
  readonly host: Host
  readonly placement: Placement
}

/**
 * Replaces the guessed overhead by what was observed: with the same engine version on the same kind of device, with
 * this model where it was measured, else with others about as deep. Parts without records stay unchanged. Pure.
 */
export const learnedOverhead = (
  observed: ReadonlyArray<ObservedOverhead>,
  { backend, host, model, placement, runtime }: OverheadOf,
  demand: ReadonlyArray<DeviceDemand>,
): ReadonlyArray<DeviceDemand> => {
  const engine = engineName(backend, runtime)
  const alone = demand.every(({ device }) => device === CPU)
  return demand.map(({ device, parts }) => {
    // Host memory beside a GPU differs from an engine on the processor, and is not observed separately.
    if (device === CPU && !alone) return { device, parts }
    const alike = observed.filter((one) => one.engine === engine && one.device === deviceKind(host, placement, device))
    const own = alike.filter((one) => one.model === modelKind(model))
    const used = own.length > 0 ? own : alike.filter(({ layers }) => isLike(layers, model.layers))
    const guessed = parts.filter(({ name }) => name === OVERHEAD)
    if (used.length === 0 || guessed.length === 0) return { device, parts }
    const sorted = used.map(({ bytes }) => bytes).toSorted((a, b) => a - b)
    const range = sorted.length === 1 ? mib(sorted[0]!) : `${mib(sorted[0]!)} to ${mib(sorted.at(-1)!)}`
    const learned = {
      name: OVERHEAD,
      bytes: Math.ceil(quantile(sorted, SHARE)),
      basis: "learned" as const,
      formula: `95th percentile of ${sorted.length === 1 ? "one record" : `${sorted.length} records`} of ${runtime.program} ${runtime.version} with ${own.length > 0 ? "this model" : "other models"}: observed less what is known, ${range} MiB; guessed ${mib(bytesOf(guessed))} MiB`,
      records: sorted.length,
    }
    return { device, parts: [...parts.filter(({ name }) => name !== OVERHEAD), learned] }
  })
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
