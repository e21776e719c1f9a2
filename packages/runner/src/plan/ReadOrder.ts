import { CellOrder, LaunchUnit } from "@rigbook/core"
import { ConfigError, type ConfigIssue, decodeAt, parseConfigFile } from "@rigbook/records"
import { Predicate, Result, Schema } from "effect"

/**
 * Reads an order from its JSON text, which error messages call `name`. Fails with `ConfigError`, which has every mistake
 * with its place. Pure.
 */
export const readOrder = (text: string, name = "order"): Result.Result<CellOrder, ConfigError> =>
  read(text, name, CellOrder)

/** The same for a unit; `undefined` for a text that is none, because it has no cells. Pure. */
export const readUnit = (text: string, name = "unit"): Result.Result<LaunchUnit | undefined, ConfigError> => {
  const parsed = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(parsed) || !Predicate.hasProperty(parsed.success, "cells")) return Result.succeed(undefined)
  // A unit may be far larger than a config: only one with mistakes is read with the places of all its parts.
  const decoded = decodeUnit(parsed.success)
  return Result.isSuccess(decoded) ? Result.succeed(decoded.success) : read(text, name, LaunchUnit)
}

const decodeUnit = Schema.decodeUnknownResult(LaunchUnit, { onExcessProperty: "error" })

const read = <A, I>(text: string, name: string, schema: Schema.Codec<A, I>): Result.Result<A, ConfigError> => {
  const file = parseConfigFile(text, name)
  if (text.trim() === "") return Result.fail(new ConfigError({ issues: [file.issue([], "the order is empty")] }))
  const decoded: Result.Result<A, ReadonlyArray<ConfigIssue>> = file.syntax.length > 0
    ? Result.fail(file.syntax)
    : decodeAt(file, [], schema, file.value)
  return Result.mapError(decoded, ([first, ...rest]) => new ConfigError({ issues: [first!, ...rest] }))
}
