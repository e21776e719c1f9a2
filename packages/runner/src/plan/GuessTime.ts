import {
  type AnyModel,
  CPU,
  type Host,
  isQuality,
  isServed,
  kindOf,
  type ModelFacts,
  type Placement,
  type PromptSet,
  type Scenario,
  scenarioTask,
} from "@rigbook/core"
import type { RatesByName } from "../host/Rates.ts"
import { type Known, valueOf } from "./Known.ts"
import { readBytes } from "./Roofline.ts"
import type { Speed } from "./Speed.ts"

/** What is likely, and between which it is likely to lie. */
export interface Range {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** What is known of a cell that was never measured. */
export interface Unmeasured {
  readonly scenario: Scenario
  readonly prompts: PromptSet
  readonly model: AnyModel
  /** The model that it is compared with, if it is. */
  readonly reference?: ModelFacts
  readonly host: Host
  readonly placement: Placement
  readonly rates: RatesByName
  readonly speed: Speed
}

/** A core of a processor, in operations a second, and its memory, in bytes a second: old ones to new ones. */
const CORE: Range = { low: 5e9, value: 20e9, high: 60e9 }
const MEMORY: Range = { low: 6e9, value: 20e9, high: 100e9 }
/** What engines reach of a GPU's operations a second. */
const GPU_SHARE: Range = { low: 0.05, value: 0.2, high: 0.6 }
/** Starting an engine without its weights, in starts a second; and reading those, in bytes a second. */
const START: Range = { low: 1 / 60, value: 1 / 8, high: 1 }
const DISK: Range = { low: 100e6, value: 500e6, high: 3e9 }
/** Probabilities that are compared in a second, by one core. */
const COMPARED: Range = { low: 0.7e6, value: 2e6, high: 6e6 }
/** Tokens of a vocabulary, where nothing says how many. */
const VOCABULARY = 128_000

/**
 * Seconds for so many trials of a cell, by its work alone: weights are loaded, texts are read many tokens at once, answers
 * are written token by token, probabilities are compared. Nobody has measured how fast that is here: the range is wide.
 * Absent for loads, whose time is no sum of their requests' times. Pure.
 */
export const guessTime = (cell: Unmeasured, trials: number): Known<Range & { readonly formula: string }> => {
  const { model, prompts, reference, scenario, speed } = cell
  const tokens = kindOf(scenario).tokens?.(scenario, prompts)
  if (tokens === undefined) return { absent: "how long a load takes is known only once it was measured" }
  if (isServed(model)) return { absent: "what a server computes for a token is not known" }
  const flops = flopsOf(cell)
  if (flops === undefined) return { absent: "what its devices can compute is not known" }
  const perToken = (readBytes(model) ?? model.weightBytes) - unusedBytes(cell, model)
  const active = model.bitsPerWeight > 0 ? (8 * perToken) / model.bitsPerWeight : model.parameters
  const bytes = model.weightBytes + (reference?.weightBytes ?? 0)
  const isLoss = isQuality(scenario) && scenario.measure === "kld"
  const compared = isLoss ? (tokens.read / 2) * (model.vocabulary ?? VOCABULARY) : 0
  const read = isLoss ? tokens.read * (1 + (reference ?? model).parameters / model.parameters) : tokens.read
  const { written } = tokens
  const decode = valueOf(speed.decode) ?? times(MEMORY, 1 / perToken)
  const total = (at: (rate: Range) => number): number =>
    1 / at(START) +
    bytes / at(DISK) +
    trials * ((2 * active * read) / at(flops) + written / at(decode) + compared / at(COMPARED))
  const parts = [
    `${(bytes / 2 ** 30).toFixed(2)} GiB loaded`,
    `${trials} × ${round(read)} tokens read`,
    ...(written > 0 ? [`${trials} × ${round(written)} written`] : []),
    ...(compared > 0 ? [`${round(compared)} probabilities compared`] : []),
  ]
  return {
    value: {
      value: total(({ value }) => value),
      low: total(({ high }) => high),
      high: total(({ low }) => low),
      formula: parts.join(", "),
    },
  }
}

/** A table of tokens that makes scores of a state, where vectors are made: it is not used. */
const unusedBytes = ({ scenario }: Unmeasured, { tensorBytes: bytes }: ModelFacts): number =>
  scenarioTask(scenario) === "embed" && bytes?.tied === true ? (bytes.table ?? bytes.input) : 0

/** Operations a second of the slowest device of a placement; `undefined` if one is not known. */
const flopsOf = ({ host, placement, rates }: Unmeasured): Range | undefined => {
  const all = host.devices
    .filter(({ id }) => placement.devices.includes(id))
    .map(({ id, name }) => {
      if (id === CPU) return times(CORE, host.cpu.logicalCores)
      const most = rates.get(name)?.flops
      return most === undefined ? undefined : times(GPU_SHARE, most)
    })
  if (all.length === 0) return undefined
  return all.reduce((slow, one) => (slow === undefined || one === undefined || slow.value <= one.value ? slow : one))
}

const times = ({ high, low, value }: Range, factor: number): Range => ({
  low: low * factor,
  value: value * factor,
  high: high * factor,
})

/** Two digits: a guess has no more. */
const round = (count: number): string => Number(count.toPrecision(2)).toLocaleString("en")
