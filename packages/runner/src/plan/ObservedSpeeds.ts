import { type AnyComplete, isServed, medianOf, type ModelFacts, type RunRecord, type Scenario } from "@rigbook/core"
import { Option, Schema } from "effect"
import type { RatesByName } from "../host/Rates.ts"
import { valueOf } from "./Known.ts"
import { isAlone, rigOf, roofline, typicalSeconds, workOf } from "./Roofline.ts"

/** What one record teaches of the speed of an engine on like devices. */
export interface ObservedSpeed {
  readonly record: RunRecord
  readonly rig: string
  /** Tokens a second of one request. */
  readonly speed: number
  /** Over what data sheets lead to; left out where these are not known. */
  readonly ratio?: number
  /** Bytes a second that the only device has read. */
  readonly bytesPerSecond?: number
}

/** How many tokens stand before one that is written, in the middle of an answer. A prompt's own length is left out where it is a text's. */
export const depthOf = (scenario: Scenario): number | undefined => {
  if (scenario.kind !== "context" && scenario.kind !== "latency") return undefined
  if (typeof scenario.outputTokens !== "number") return undefined // a natural length
  return (scenario.kind === "context" ? scenario.depth : 0) + Math.round(scenario.outputTokens / 2)
}

/** What is learned from. */
interface Given {
  readonly records: ReadonlyArray<RunRecord>
  readonly rates: RatesByName
}

interface Engine<R> {
  readonly backend: AnyComplete<R>
}

/** What records teach of each backend, once for all plans. Pure. */
export const speedsByBackend = <R>(
  engines: ReadonlyArray<Engine<R>>,
  given: Given,
): ReadonlyMap<string, ReadonlyArray<ObservedSpeed>> => {
  const once = new Map(engines.map((engine) => [engine.backend.id, engine]))
  return new Map([...once].map(([id, engine]) => [id, observedSpeeds(given, engine)]))
}

/** What records of an engine teach: those that hold, of one request at a time. Pure. */
export const observedSpeeds = <R>({ rates, records }: Given, { backend }: Engine<R>): ReadonlyArray<ObservedSpeed> => {
  const decode = Schema.decodeUnknownOption(backend.config)
  return records.flatMap((record): ReadonlyArray<ObservedSpeed> => {
    const { cell, failure, verdict } = record
    const speed = medianOf(record, "decode_tps_user")
    const depth = depthOf(cell.scenario)
    if (cell.backend !== backend.id || failure !== undefined || verdict.status === "invalid") return []
    if (speed === undefined || depth === undefined) return []
    const options = Option.getOrUndefined(decode(cell.options))
    const { model } = cell
    if (options === undefined || isServed(model)) return []
    const work = valueOf(workOf({ ...cell, model, backend, options }, depth))
    return work === undefined ? [] : [{ record, speed, ...lesson(record, model, work, speed, rates) }]
  })
}

const lesson = (
  { cell: { host, placement } }: RunRecord,
  model: ModelFacts,
  work: Parameters<typeof roofline>[0],
  speed: number,
  rates: RatesByName,
): Pick<ObservedSpeed, "rig" | "ratio" | "bytesPerSecond"> => {
  const limit = roofline(work, placement, rates)
  return {
    rig: rigOf(work, placement, host),
    ...(limit === undefined ? {} : { ratio: speed * typicalSeconds(limit, model, "middle") }),
    ...(isAlone(work) ? { bytesPerSecond: speed * work[0]!.bytes } : {}),
  }
}
