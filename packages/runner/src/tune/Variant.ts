import { canonicalJson } from "@rigbook/core"

/** A value that a knob is set to. */
export type Setting = string | number

/** Leaves a knob to the engine. */
export const DEFAULT = "default"

/** What may vary, one thing of a config: an option of the backend, its placement, or the file. */
export interface Knob {
  readonly name: string
  /** The first is where the search starts: the engine's default, or the file as it is. */
  readonly values: readonly [Setting, ...ReadonlyArray<Setting>]
  /** Whether answers change by more than rounding: within a budget of loss, each value's loss is measured. */
  readonly lossy: boolean
}

/** A setting for each knob, by its name. */
export type Variant = Readonly<Record<string, Setting>>

/** Every knob at its first value. */
export const startOf = (knobs: ReadonlyArray<Knob>): Variant =>
  Object.fromEntries(knobs.map(({ name, values }) => [name, values[0]]))

/** Equal for equal variants. */
export const variantKey = (variant: Variant): string => canonicalJson(variant)

/** Equal for variants that give the same answers but for rounding. */
export const lossKey = (knobs: ReadonlyArray<Knob>, variant: Variant): string =>
  variantKey(Object.fromEntries(knobs.flatMap(({ lossy, name }) => (lossy ? [[name, variant[name]!]] : []))))

/** What differs from where the search starts: `quantization Q4_0, ubatch 256`. */
export const variantName = (knobs: ReadonlyArray<Knob>, variant: Variant): string =>
  knobs.flatMap(({ name, values }) => (variant[name] === values[0] ? [] : [`${name} ${variant[name]!}`])).join(", ") ||
  "defaults"
