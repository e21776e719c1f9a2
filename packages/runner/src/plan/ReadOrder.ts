import { CellOrder } from "@rigbook/core"
import { ConfigError, type ConfigIssue, decodeAt, parseConfigFile } from "@rigbook/records"
import { Result } from "effect"

/**
 * Reads an order from its JSON text, which error messages call `name`. Fails with `ConfigError`, which has every mistake
 * with its place. Pure.
 */
export const readOrder = (text: string, name = "order"): Result.Result<CellOrder, ConfigError> => {
  const file = parseConfigFile(text, name)
  if (text.trim() === "") return Result.fail(new ConfigError({ issues: [file.issue([], "the order is empty")] }))
  const decoded: Result.Result<CellOrder, ReadonlyArray<ConfigIssue>> = file.syntax.length > 0
    ? Result.fail(file.syntax)
    : decodeAt(file, [], CellOrder, file.value)
  return Result.mapError(decoded, ([first, ...rest]) => new ConfigError({ issues: [first!, ...rest] }))
}
