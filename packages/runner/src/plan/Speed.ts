import { absent, type Measured, measured, placementName, scenarioName, scenarioTask } from "@rigbook/core"
import { quantile } from "@rigbook/records"
import type { RatesByName } from "../host/Rates.ts"
import type { Known } from "./Known.ts"
import { PUBLISHED, roofline, rigOf, typicalSeconds, type Work, workOf, type Writer } from "./Roofline.ts"
import { depthOf, type ObservedSpeed } from "./ObservedSpeeds.ts"

/** A speed that is estimated: `value`, `low` and `high` in tokens/s. Never a measured figure. */
export interface ExpectedSpeed {
  readonly value: number
  /** Between which it is likely to lie. */
  readonly low: number
  readonly high: number
  /** Tokens before the one that is written. */
  readonly depth: number
  /** How it was arrived at, for people to check. */
  readonly formula: string
  /** How many records it was learned from; 0 for none. */
  readonly records: number
  /** How far each of these is from what the others lead to, in the middle, as a share. Left out for fewer than two. */
  readonly error?: number
}

/** What is expected of one request at a time, and what was measured of it. */
export interface Speed {
  /** Tokens of the answer. */
  readonly decode: Known<ExpectedSpeed>
  /** Tokens of a prompt that devices can compute at most. */
  readonly prompt: Measured
  /** The median of records of this very cell: estimates are learned from others. */
  readonly measured: Measured
}

/** The cell whose speed is estimated. */
export interface SpeedOf<R = never> extends Writer<R> {
  /** Of the config, by its file's name. */
  readonly config: string
  readonly observed: ReadonlyArray<ObservedSpeed>
  readonly rates: RatesByName
}

/** The speed of a cell, by the bytes that it reads for each token and the bandwidth of what it reads them from. Pure. */
export const speedOf = <R>(cell: SpeedOf<R>): Speed => {
  if (scenarioTask(cell.scenario) !== "generate") return none("an embedding model writes no tokens")
  const depth = depthOf(cell.scenario)
  if (depth === undefined) return none("only estimated for one request at a time")
  const work = workOf(cell, depth)
  if ("absent" in work) return none(work.absent)
  const own = cell.observed.filter((observed) => isSame(observed, cell)).map(({ speed }) => speed)
  const limit = roofline(work.value, cell.placement, cell.rates)
  return {
    decode: expected(cell, work.value, depth),
    prompt:
      limit?.prompt === undefined ? absent("the FLOP/s of its devices are not known") : measured(1 / limit.prompt),
    measured: own.length === 0 ? absent("such a cell was not measured yet") : measured(middle(own)),
  }
}

/** The same, for answers that begin after so many tokens. Pure. */
export const decodeAt = <R>(cell: SpeedOf<R>, depth: number): Known<ExpectedSpeed> => {
  const work = workOf(cell, depth)
  return "absent" in work ? work : expected(cell, work.value, depth)
}

const none = (why: string): Speed => ({ decode: { absent: why }, prompt: absent(why), measured: absent(why) })

const expected = <R>(cell: SpeedOf<R>, work: ReadonlyArray<Work>, depth: number): Known<ExpectedSpeed> => {
  const { model, placement, rates } = cell
  const limit = roofline(work, placement, rates)
  const bytes = work.reduce((sum, each) => sum + each.bytes, 0)
  const read = `${(bytes / 2 ** 30).toFixed(2)} GiB are read for each token`
  const rig = rigOf(work, placement, cell.host)
  const alike = cell.observed.filter((observed) => observed.rig === rig && !isSame(observed, cell))
  const same = alike.filter(({ record }) => record.cell.model.parameters === model.parameters)
  const own = same.filter(({ record }) => record.cell.model.quantization === model.quantization)
  const [used = [], whose = ""] =
    [[own, "this model"] as const, [same, "this model in other types"] as const, [alike, "other models"] as const].find(
      ([records]) => records.length > 0,
    ) ?? []
  const ratios = used.flatMap(({ bytesPerSecond, ratio }) => (limit === undefined ? bytesPerSecond : ratio) ?? [])
  if (ratios.length > 0) {
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)]
    const text = (ratio: number) =>
      limit === undefined ? `${(ratio / 1e9).toFixed(2)} GB/s` : `${(100 * ratio).toFixed(0)} %`
    const range = ratios.length === 1 ? text(low) : `${text(low)} to ${text(high)}`
    const from = `${ratios.length === 1 ? "one record" : `${ratios.length} records`} with ${whose}`
    const formula = `${read}; ${from}: ${range}${limit === undefined ? "" : " of what data sheets lead to"}`
    const one = limit === undefined ? 1 / bytes : 1 / typicalSeconds(limit, model, "middle")
    const speeds = { low: one * low, value: one * middle(ratios), high: one * high }
    return { value: { ...speeds, depth, formula, records: ratios.length, ...errorOf(ratios) } }
  }
  if (limit === undefined) {
    const unknown = work.find(({ device }) => rates.get(device.name)?.bytesPerSecond === undefined)!
    return { absent: `the memory bandwidth of ${unknown.device.name} is not known, and nothing was measured with it` }
  }
  const speed = (which: keyof typeof PUBLISHED) => 1 / typicalSeconds(limit, model, which)
  const { share } = PUBLISHED.middle
  const formula = `${read}, in ${(1000 * limit.written).toFixed(1)} ms at least by the data sheets; engines reach about ${100 * share} % of that, and need some time for each layer`
  return { value: { low: speed("low"), value: speed("middle"), high: speed("high"), depth, formula, records: 0 } }
}

/** Each left out in turn, and expected by the others. */
const errorOf = (ratios: ReadonlyArray<number>): { readonly error?: number } =>
  ratios.length < 2
    ? {}
    : { error: middle(ratios.map((ratio, at) => Math.abs(middle(ratios.toSpliced(at, 1)) / ratio - 1))) }

const isSame = <R>({ record: { cell: ran } }: ObservedSpeed, cell: SpeedOf<R>): boolean =>
  ran.config.id === cell.config &&
  scenarioName(ran.scenario) === scenarioName(cell.scenario) &&
  placementName(ran.placement) === placementName(cell.placement) &&
  ran.host.fingerprint === cell.host.fingerprint

const middle = (numbers: ReadonlyArray<number>): number =>
  quantile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  )
