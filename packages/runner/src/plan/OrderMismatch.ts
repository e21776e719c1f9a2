import { canonicalJson, type CellOrder, type CellSpec, type Exit } from "@rigbook/core"
import { Schema } from "effect"

/** This machine would measure another cell than the ordered one. */
export class OrderMismatch extends Schema.TaggedError<OrderMismatch>()("OrderMismatch", {
  /** Id of the config. */
  config: Schema.NonEmptyString,
  differences: Schema.Array(
    Schema.Struct({ what: Schema.NonEmptyString, ordered: Schema.String, here: Schema.String }),
  ),
  fix: Schema.NonEmptyString,
}) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    const lines = this.differences.map(({ here, ordered, what }) => `  ${what}: ordered ${ordered}, here ${here}`)
    return [`${this.config}: this machine would measure another cell than the ordered one.`, ...lines, this.fix].join(
      "\n",
    )
  }
}

type Facts = Readonly<Record<string, (spec: CellSpec) => unknown>>

/** What an order names and the workspace has: it must always be the same. */
const BROUGHT: Facts = {
  prompts: ({ prompts }) => `${prompts.name} (SHA-256 ${prompts.sha256})`,
  model: ({ model }) => `${model.quantization} (SHA-256 ${model.sha256})`,
  reference: ({ reference }) =>
    reference === undefined ? "none" : `${reference.quantization} (SHA-256 ${reference.sha256})`,
}

/** The other parts of an identity: see `identityOf`. */
const OWN: Facts = {
  options: ({ options }) => options,
  placement: ({ placement }) => placement,
  scenario: ({ scenario }) => scenario,
  protocol: ({ protocol: { trials, warmup } }) => ({ warmup, trials }),
  runtime: ({ runtime: { program, version } }) => `${program} ${version}`,
  libraries: ({ runtime }) => runtime.libraries,
  host: ({ host }) => `${host.fingerprint} (${host.cpu.model})`,
  drivers: ({ host }) => host.devices.flatMap(({ driver }) => driver ?? []),
}

/** How the cell of an order on this machine differs from the ordered one. Pure. */
export const differencesOf = (
  { identity, spec }: Pick<CellOrder, "identity" | "spec">,
  here: CellSpec,
): OrderMismatch["differences"] => {
  const facts = Object.entries(identity === "same" ? { ...BROUGHT, ...OWN } : BROUGHT)
  const differences = facts.flatMap(([what, of]) => {
    const [ordered, found] = [shown(of(spec)), shown(of(here))]
    return ordered === found ? [] : [{ what, ordered, here: found }]
  })
  return differences.length > 0 || identity === "own" || spec.identity === here.identity
    ? differences
    : [{ what: "identity", ordered: spec.identity, here: here.identity }]
}

const shown = (value: unknown): string => (typeof value === "string" ? value : canonicalJson(value))
