import { Result, type Schema } from "effect"
import { decodeAt, parseConfigFile } from "../../src/workspace/ConfigFile.ts"
import { formatIssue } from "../../src/workspace/ConfigIssue.ts"

/** A config in which nothing is wrong. */
export const CONFIG = `name: Demo
task: generate
source: { path: demo.gguf }
backends:
  fake: {}
scenarios:
  - { kind: latency, prompts: short-chat }
`

/** All that is said of a config's text, as people see it. */
export const issuesOf = (text: string, schema: Schema.Codec<unknown, unknown>): ReadonlyArray<string> => {
  const file = parseConfigFile(text, "demo.yaml")
  if (file.syntax.length > 0) return file.syntax.map(formatIssue)
  const decoded = decodeAt(file, [], schema, file.value)
  return Result.isFailure(decoded) ? decoded.failure.map(formatIssue) : []
}
