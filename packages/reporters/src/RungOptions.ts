import { kindOf, type RunRecord } from "@rigbook/core"
import { Predicate } from "effect"

type Options = RunRecord["cell"]["options"]

/**
 * The option by which a rung set its own context: with `ifItFits` each opens its engine with as much as it needs, so that this
 * is part of the rung and no other setting. `undefined` for other runs. Pure.
 */
export const contextOption = ({ cell: { model, options, scenario } }: RunRecord): string | undefined => {
  const enough = kindOf(scenario).contextOf?.(scenario).enough
  if (enough === undefined || !Predicate.isObject(options)) return undefined
  const tokens = Math.min(enough, model.contextLength ?? Infinity)
  const names = Object.entries(options).flatMap(([name, value]) => (value === tokens ? [name] : []))
  return names.length === 1 ? names[0] : undefined
}

/** Options without one of them. */
export const withoutOption = (options: Options, name: string): Options =>
  Predicate.isObject(options)
    ? Object.fromEntries(
        Object.entries(options as Readonly<Record<string, Options>>).filter(([other]) => other !== name),
      )
    : options
