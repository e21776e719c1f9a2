import { Flag } from "effect/cli"

/** True if it is given. */
export const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** A text that may be left out. */
export const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** A number that may be left out. */
export const number = (name: string, description: string) =>
  Flag.Finite(name).pipe(Flag.withDescription(description), Flag.optional)

/** A count of one or more that may be left out. */
export const tokens = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 1,
      (value) => `Expected one or more, got ${value}`,
    ),
    Flag.optional,
  )

/** Of every command whose results programs read. */
export const json = flag("json", "Print JSON on standard output, for programs")
