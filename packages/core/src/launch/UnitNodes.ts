import { Schema } from "effect"

/** The machines of a unit that has several, as its worker on the first of them finds them. */
export const UnitNodes = Schema.Struct({
  /** This machine's address, at which the others reach it. */
  address: Schema.NonEmptyString,
  others: Schema.NonEmptyArray(
    Schema.Struct({
      name: Schema.NonEmptyString,
      address: Schema.NonEmptyString,
      /**
       * Words before a command line that run it there. That process has the command's output and exit code, gives it the
       * environment that it has itself, and ends it when it is ended.
       */
      start: Schema.NonEmptyArray(Schema.NonEmptyString),
    }),
  ),
}).annotate({ identifier: "UnitNodes" })
export type UnitNodes = typeof UnitNodes.Type

/** The variable by which a launcher hands them to the worker, as JSON. */
export const UNIT_NODES = "RIGBOOK_UNIT_NODES"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(UnitNodes))

/** What a launcher has handed to this process; `undefined` for one machine. Throws an error if the launcher handed over something else. */
export const unitNodes = (env: Readonly<Record<string, string | undefined>> = process.env): UnitNodes | undefined => {
  const text = env[UNIT_NODES]
  return text === undefined ? undefined : decode(text)
}

/** How many machines the unit of this process has. */
export const nodesHere = (): number => 1 + (unitNodes()?.others.length ?? 0)
