import { CellOrder, LaunchUnit } from "@rigbook/core"
import { ConfigError, type ConfigIssue, decodeAt, parseConfigFile } from "@rigbook/records"
import { Predicate, Result, type Schema } from "effect"

/**
 * Reads an order from its JSON text, which error messages call `name`. Fails with `ConfigError`, which has every mistake
 * with its place. Pure.
 */
export const readOrder = (text: string, name = "order"): Result.Result<CellOrder, ConfigError> =>
  read(text, name, CellOrder)

/** The same for a unit; `undefined` for a text that is none, because it has no cells. Pure. */
export const readUnit = (text: string, name = "unit"): Result.Result<LaunchUnit | undefined, ConfigError> => {
  const { syntax, value } = parseConfigFile(text, name)
  return syntax.length === 0 && Predicate.hasProperty(value, "cells")
    ? read(text, name, LaunchUnit)
    : Result.succeed(undefined)
}

const read = <A, I>(text: string, name: string, schema: Schema.Codec<A, I>): Result.Result<A, ConfigError> => {
  const file = parseConfigFile(text, name)
  if (text.trim() === "") return Result.fail(new ConfigError({ issues: [file.issue([], "the order is empty")] }))
  const decoded: Result.Result<A, ReadonlyArray<ConfigIssue>> = file.syntax.length > 0
    ? Result.fail(file.syntax)
    : decodeAt(file, [], schema, file.value)
  return Result.mapError(decoded, ([first, ...rest]) => new ConfigError({ issues: [first!, ...rest] }))
}
