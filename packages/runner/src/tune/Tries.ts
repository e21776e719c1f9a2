import type { Known } from "../plan/Known.ts"
import type { FigureName, Figures, Loss, Trials } from "./Goal.ts"
import { type Knob, lossKey, type Variant, variantKey } from "./Variant.ts"

/** What a search wants measured next. */
export type TryRequest =
  | {
      readonly kind: "trials"
      /** The knob that is tried, or `last`: the same variant in another stage is measured again, in turns with the others there. */
      readonly stage: string
      /** A count, from 0. */
      readonly rung: number
      readonly trials: number
      /** Rounds in which the trials are made: A B A B instead of A A B B. */
      readonly turns: number
      readonly variants: ReadonlyArray<Variant>
    }
  | { readonly kind: "loss"; readonly variants: ReadonlyArray<Variant> }

/** What was measured, by `variantKey`; or why not, such as that it does not fit. */
export interface TryReply {
  readonly trials?: ReadonlyMap<string, Known<Trials>>
  readonly loss?: ReadonlyMap<string, Known<Loss>>
}

/** All that a search has learned. */
export class Tries {
  private readonly knobs: ReadonlyArray<Knob>
  private readonly variants = new Map<string, Variant>()
  private readonly stages = new Map<string, Map<string, Trials>>()
  private readonly losses = new Map<string, Known<Loss>>()
  private readonly reasons = new Map<string, string>()

  constructor(knobs: ReadonlyArray<Knob>) {
    this.knobs = knobs
  }

  /** Every variant with trials, in the order in which they came. */
  all(): ReadonlyArray<Variant> {
    return [...this.variants.values()]
  }

  /** Why a variant can't be run; `undefined` if it can, or was not tried. */
  refused(variant: Variant): string | undefined {
    return this.reasons.get(variantKey(variant))
  }

  loss(variant: Variant): Known<Loss> | undefined {
    return this.losses.get(lossKey(this.knobs, variant))
  }

  /** In one stage; without one, those of the stage in which the variant has most trials. */
  figures(variant: Variant, stage?: string): Figures {
    const stages = this.stages.get(variantKey(variant))
    const loss = this.loss(variant)
    const most = (of: ReadonlyArray<Trials>): Trials =>
      of.reduce((best, next) => (lengthOf(next) > lengthOf(best) ? next : best), {})
    return {
      trials: (stage === undefined ? most([...(stages?.values() ?? [])]) : stages?.get(stage)) ?? {},
      ...(loss === undefined || "absent" in loss ? {} : { loss: loss.value }),
    }
  }

  take({ trials: found }: TryReply, stage: string, wanted: ReadonlyArray<Variant>): void {
    for (const variant of wanted) {
      const key = variantKey(variant)
      const known = found?.get(key) ?? { absent: "it was not measured" }
      if ("absent" in known) {
        this.reasons.set(key, known.absent)
        continue
      }
      this.variants.set(key, variant)
      const stages = this.stages.get(key) ?? new Map<string, Trials>()
      stages.set(stage, joined(stages.get(stage), known.value))
      this.stages.set(key, stages)
    }
  }

  takeLoss({ loss }: TryReply, wanted: ReadonlyArray<Variant>): void {
    for (const variant of wanted)
      this.losses.set(lossKey(this.knobs, variant), loss?.get(variantKey(variant)) ?? { absent: "it was not measured" })
  }
}

const lengthOf = (trials: Trials): number => Math.max(0, ...Object.values(trials).map((values) => values?.length ?? 0))

const joined = (a: Trials = {}, b: Trials): Trials => {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as ReadonlySet<FigureName>
  return Object.fromEntries([...names].map((name) => [name, [...(a[name] ?? []), ...(b[name] ?? [])]]))
}
