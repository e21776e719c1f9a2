import { FILE_LIMITS, type FileLimit, readText } from "@rigbook/core"
import { Effect, Result, Schema } from "effect"
import { type ErrorCode, LineCounter, type Node, type YAMLMap, isMap, isPair, isScalar, parseDocument } from "yaml"
import type { ConfigIssue } from "./ConfigIssue.ts"
import { schemaProblems } from "./SchemaProblem.ts"
import { beyondBounds, duplicateKeys, type YamlProblem } from "./YamlBounds.ts"

type Path = ReadonlyArray<PropertyKey>

/** A YAML file with the positions of its values, so that an issue can point at one. */
export interface ConfigFile {
  /** As shown: relative to the workspace. */
  readonly file: string
  readonly value: unknown
  /** Errors of the YAML itself. */
  readonly syntax: ReadonlyArray<ConfigIssue>
  /** An issue at the value (or the key) at a path inside the document, or at the nearest that exists. */
  readonly issue: (path: Path, message: string, at?: "key") => ConfigIssue
}

/** Reads a YAML file. A file that is missing, or not to be read, is an issue too. */
export const readConfigFile = Effect.fn("ConfigFile.readConfigFile")(function* (
  absolute: string,
  file: string,
  limit: FileLimit = FILE_LIMITS.config,
) {
  const text = yield* Effect.result(readText(absolute, limit))
  if (Result.isSuccess(text)) return parseConfigFile(text.success, file)
  const { detail, fix, missing } = text.failure
  return unread(file, missing ? "the file does not exist" : `the file ${detail}. ${fix}`)
})

/** A file without a value: all its issues are at one place. */
const unread = (file: string, why: string, place = { line: 1, column: 1 }): ConfigFile => {
  const issue: ConfigFile["issue"] = (path, message) => ({ file, ...place, path: pathName(path), message })
  return { file, value: undefined, syntax: [issue([], why)], issue }
}

/** Pure part of `readConfigFile`. */
export const parseConfigFile = (text: string, file: string): ConfigFile => {
  const beyond = beyondBounds(text)
  if (beyond !== undefined) {
    const lines = text.slice(0, beyond.offset).split("\n")
    return unread(file, beyond.message, { line: lines.length, column: lines.at(-1)!.length + 1 })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const place = (offset: number): { readonly line: number; readonly column: number } => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const issue: ConfigFile["issue"] = (path, message, at) => ({
    file,
    ...place(offsetOf(document.contents, path, at)),
    path: pathName(path),
    message,
  })
  const invalid = document.errors.map(({ code, message, pos: [offset] }): YamlProblem => ({
    offset,
    message: SYNTAX[code] ?? `not valid YAML: ${message.split("\n")[0]}`,
  }))
  const problems = [...invalid, ...(invalid.length > 0 ? [] : duplicateKeys(document.contents))]
  const syntax = problems
    .slice(0, MOST_ISSUES)
    .map(({ message, offset }) => ({ file, ...place(offset), path: "", message }))
  if (syntax.length > 0) return { file, value: undefined, syntax, issue }
  try {
    return { file, value: plain(document.toJS({ maxAliasCount: 100 }), []), syntax, issue }
  } catch (cause) {
    // Aliases that name no anchor, name themselves, or unfold without end: the parser reports them only here.
    const why = cause instanceof Error ? cause.message : String(cause)
    return { file, value: undefined, syntax: [issue([], `its aliases (*) can't be resolved: ${why}`)], issue }
  }
}

/** Of one file: whoever fixes these is shown the next. */
const MOST_ISSUES = 50

/** For errors whose original text is for programmers. */
const SYNTAX: Partial<Record<ErrorCode, string>> = {
  MULTIPLE_DOCS: "a second document starts here; a config is one document",
}

/** The value itself, after checking that it does not contain itself. */
const plain = (value: unknown, above: ReadonlyArray<unknown>): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (above.includes(value)) throw new Error("one is inside its own anchor (&)")
  for (const inner of Object.values(value)) plain(inner, [...above, value])
  return value
}

/** Decodes a part of the document; every problem becomes an issue with its position. */
export const decodeAt = <S extends Schema.Codec<unknown, unknown>>(
  config: ConfigFile,
  path: Path,
  schema: S,
  value: unknown,
): Result.Result<S["Type"], ReadonlyArray<ConfigIssue>> => {
  const decoded = Schema.decodeUnknownResult(schema)(value, { errors: "all", onExcessProperty: "error" })
  return Result.mapError(decoded as Result.Result<S["Type"], Schema.SchemaError>, (error) =>
    schemaProblems(error.issue, value)
      .slice(0, MOST_ISSUES)
      .map((problem) => config.issue([...path, ...problem.path], problem.message, problem.at)),
  )
}

/**
 * Offset of the value at `path`, of its key if that is requested or the value is not a scalar, or of the nearest
 * parent.
 */
const offsetOf = (root: Node | null, path: Path, at?: "key"): number => {
  let node: unknown = root
  let offset = rangeStart(root)
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = (node as YAMLMap).items.find((item) => isPair(item) && keyOf(item.key) === String(key))
      if (pair === undefined) return offset
      offset = rangeStart(pair.key) ?? offset
      node = pair.value
      if (isScalar(node) && !(at === "key" && depth === path.length - 1)) offset = rangeStart(node)
    } else if (typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items)) {
      node = node.items[Number(key)]
      if (node === undefined) return offset
      offset = rangeStart(node)
    } else return offset
  }
  return offset
}

const keyOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key))

const rangeStart = (node: unknown): number =>
  typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range) ? Number(node.range[0]) : 0

const pathName = (path: Path): string =>
  path
    .map((key, index) => (/^\d+$/.test(String(key)) ? `[${String(key)}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("")
