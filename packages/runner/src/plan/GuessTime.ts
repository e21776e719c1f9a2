import {
  type AnyModel,
  CPU,
  type Host,
  isLoad,
  isQuality,
  isServed,
  type ModelFacts,
  type Placement,
  type PromptSet,
  type Scenario,
  scenarioTask,
  trialWork,
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
/** UTF-8 bytes of a token, and tokens of a vocabulary, where nothing says so. */
const TOKEN_BYTES = 4
const VOCABULARY = 128_000

/**
 * Seconds for so many trials of a cell, by its work alone: weights are loaded, texts are read many tokens at once, answers
 * are written token by token, probabilities are compared. How fast that is, nobody has measured: the range is wide. Absent for loads,
 * whose time is no sum of their requests' times. Pure.
 */
export const guessTime = (cell: Unmeasured, trials: number): Known<Range & { readonly formula: string }> => {
  const { model, reference, scenario, speed } = cell
  if (isLoad(scenario)) return { absent: "how long a load takes is known only once it was measured" }
  if (isServed(model)) return { absent: "what a server computes for a token is not known" }
  const flops = flopsOf(cell)
  if (flops === undefined) return { absent: "what its devices can compute is not known" }
  const perToken = (readBytes(model) ?? model.weightBytes) - unusedBytes(cell, model)
  const active = (8 * perToken) / model.bitsPerWeight
  const bytes = model.weightBytes + (reference?.weightBytes ?? 0)
  const { compared, read, written } = tokensOf(cell, model)
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

/** Tokens of one trial. */
const tokensOf = ({ prompts, reference, scenario }: Unmeasured, model: ModelFacts) => {
  const context = isQuality(scenario) && scenario.measure === "kld" ? scenario.context : 0
  const models = 1 + (reference === undefined ? 1 : reference.parameters / model.parameters)
  const each = trialWork(scenario, prompts, "planned").requests.map(({ request }) => {
    if (request.task === "diverge")
      return { read: context * models, written: 0, compared: (context / 2) * (model.vocabulary ?? VOCABULARY) }
    if (request.task === "embed") return { read: sum(request.texts.map(tokensIn)), written: 0, compared: 0 }
    const { prompt } = request
    const texts = "text" in prompt ? [prompt.text] : prompt.messages.map(({ content }) => content)
    return { read: sum(texts.map(tokensIn)), written: request.outputTokens, compared: 0 }
  })
  return {
    read: sum(each.map(({ read }) => read)),
    written: sum(each.map(({ written }) => written)),
    compared: sum(each.map(({ compared }) => compared)),
  }
}

/** Operations a second of the slowest device of a placement. */
const flopsOf = ({ host, placement, rates }: Unmeasured): Range | undefined => {
  const all = host.devices
    .filter(({ id }) => placement.devices.includes(id))
    .map(({ id, name }) => {
      if (id === CPU) return times(CORE, host.cpu.logicalCores)
      const most = rates.get(name)?.flops
      return most === undefined ? undefined : times(GPU_SHARE, most)
    })
  return all.reduce((slow, one) => (slow === undefined || one === undefined || slow.value <= one.value ? slow : one))
}

const tokensIn = (text: string): number => Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES)

const times = ({ high, low, value }: Range, factor: number): Range => ({
  low: low * factor,
  value: value * factor,
  high: high * factor,
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Two digits: a guess has no more. */
const round = (count: number): string => Number(count.toPrecision(2)).toLocaleString("en")
