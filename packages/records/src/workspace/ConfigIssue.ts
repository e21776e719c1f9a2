import type { Exit } from "@rigbook/core"
import { Schema } from "effect"

/** One problem of a config, with its position. Lines and columns count from 1. */
export const ConfigIssue = Schema.Struct({
  file: Schema.String,
  line: Schema.Int,
  column: Schema.Int,
  /** Path in the document, such as `scenarios[0].prompts`; empty for the complete document. */
  path: Schema.String,
  message: Schema.String,
})
export type ConfigIssue = typeof ConfigIssue.Type

/** All problems of the configs, found before anything runs. */
export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  issues: Schema.NonEmptyArray(ConfigIssue),
}) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    return this.issues.map(formatIssue).join("\n")
  }
}

/** `file:line:column: path: message`, which editors and terminals can jump to. */
export const formatIssue = ({ column, file, line, message, path }: ConfigIssue): string =>
  `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`
