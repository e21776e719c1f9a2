import type { AnyModel, Entry, PlannedModel } from "@rigbook/core"
import { Order } from "effect"
import { linked } from "./Linked.ts"
import { originOf } from "./SameModel.ts"

/** One model with all that there is of it: in several quantizations, engines and settings, measured or planned. */
export interface Family {
  /** Its name as a file may be called: lower case, once in a registry. */
  readonly id: string
  readonly name: string
  /** By id. */
  readonly entries: ReadonlyArray<Entry>
  /** What is planned of it and has no record. */
  readonly planned: ReadonlyArray<PlannedModel>
}

/**
 * Configs by model, ordered by name: two are of one family when their names are the same but for the quantization and what
 * follows a comma, when they name one family, or when their weights come from one file. Pure.
 */
export const familiesOf = (
  entries: ReadonlyArray<Entry>,
  planned: ReadonlyArray<PlannedModel> = [],
): ReadonlyArray<Family> => {
  const members = [
    ...entries.map((entry) => ({ id: entry.id, name: entry.name, keys: keysOf(entry), entry })),
    ...planned.map((model) => ({ id: model.id, name: model.name, keys: namesOf(model.id, model.name), model })),
  ].toSorted((a, b) => Order.String(a.id, b.id))
  const taken = new Set(RESERVED)
  return linked(members, ({ keys }) => keys)
    .map((of) => ({ of, name: of.map(({ name }) => baseName(name)).toSorted(byLength)[0]! }))
    .toSorted(
      (a, b) => Order.String(a.name.toLowerCase(), b.name.toLowerCase()) || Order.String(a.of[0]!.id, b.of[0]!.id),
    )
    .map(({ name, of }) => ({
      id: freeId(slug(name), taken),
      name,
      entries: of.flatMap((member) => ("entry" in member ? [member.entry] : [])),
      planned: of.flatMap((member) => ("model" in member ? [member.model] : [])),
    }))
}

/** Files that lie beside the pages of families. */
const RESERVED = ["readme", "registry", "all-models"]

const QUANTIZATION = /^(?:I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32|FP16|FP8|INT[48]|AWQ|GPTQ)$/i
/** What `markedName` puts after a name. */
const MARK = / \((?:synthetic weights|weights requantized)[^()]*\)$/

/** A model's name without the word for its quantization and what follows a comma: `Llama 3.1 70B Q4_K_M, 8K` is `Llama 3.1 70B`. */
export const baseName = (name: string): string => {
  const [model = name] = name.replace(MARK, "").split(", ")
  const words = model.split(" ").filter((word) => !QUANTIZATION.test(word.replaceAll(/[()]/g, "")))
  return words.join(" ").trim() || name
}

const namesOf = (id: string, ...names: ReadonlyArray<string>): ReadonlyArray<string> => [
  `config ${id}`,
  ...names.map((name) => `name ${baseName(name).toLowerCase()}`),
]

const keysOf = ({ family, id, name, records }: Entry): ReadonlyArray<string> => [
  ...namesOf(id, name, family),
  ...new Set(records.flatMap(({ cell }) => weightsOf(cell.model))),
]

/** Random weights of one shape are one file, whatever model they stand for. */
const weightsOf = (model: AnyModel): ReadonlyArray<string> =>
  model.synthetic === undefined
    ? [originOf(model), ...(model.quantizedFrom === undefined ? [] : [model.quantizedFrom.sha256])].map(
        (sha256) => `weights ${sha256}`,
      )
    : []

const byLength = (a: string, b: string): number => a.length - b.length || Order.String(a, b)

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "model"

const freeId = (wanted: string, taken: Set<string>): string => {
  let id = wanted
  for (let next = 2; taken.has(id); next++) id = `${wanted}-${next}`
  taken.add(id)
  return id
}
