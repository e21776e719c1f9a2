import { masked, shownAddress } from "@rigbook/core"
import { Predicate, SchemaAST, SchemaIssue } from "effect"

/** One reason why a value does not fit a schema, and where in the value. */
export interface SchemaProblem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  /** The key is wrong, not its value. */
  readonly at?: "key"
}

const format = SchemaIssue.makeFormatterDefault()

/** All problems of a failed decoding, in sentences that say what was found and what was expected. */
export const schemaProblems = (issue: SchemaIssue.Issue, value: unknown): ReadonlyArray<SchemaProblem> =>
  walk(issue, [], value)

const walk = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey>,
  root: unknown,
): ReadonlyArray<SchemaProblem> => {
  switch (issue._tag) {
    case "Pointer":
      return walk(issue.issue, [...path, ...issue.path], root)
    case "Composite":
      return issue.issues.flatMap((inner) => walk(inner, path, root))
    case "Encoding":
      return walk(issue.issue, path, root)
    case "Filter":
      // A rule about several keys says which of them breaks it.
      if (issue.issue._tag === "Pointer" || issue.issue._tag === "Composite") return walk(issue.issue, path, root)
      return [{ path, message: `${lowerFirst(rule(issue))}, found ${shown(at(root, path), path)}` }]
    case "AnyOf": {
      const unreported = tagProblem(issue.ast, path, root)
      if (unreported !== undefined) return [unreported]
      const closest = issue.issues
        .filter((inner) => inner._tag !== "InvalidType")
        .map((inner) => walk(inner, path, root))
        .toSorted((a, b) => score(a, path.length) - score(b, path.length))[0]
      return closest ?? [expected(issue.ast, path, root)]
    }
    case "MissingKey":
      return [typeof path.at(-1) === "number" ? emptyList(path) : { path, message: "is missing" }]
    case "UnexpectedKey": {
      const key = String(path.at(-1))
      const known = keysOf(issue.ast)
      const near = closestKey(key, known)
      const hint = near === undefined ? `available: ${known.join(", ")}` : `did you mean "${near}"?`
      return [{ path, message: `unknown key; ${hint}`, at: "key" }]
    }
    case "InvalidType":
      return [expected(issue.ast, path, root)]
    default:
      return [{ path, message: lowerFirst(format(issue).split("\n")[0]!) }]
  }
}

/**
 * Branches of a union at this depth: a wrong key weighs more than a missing one, which weighs more than a wrong
 * value. A key of the value itself distinguishes branches, and outweighs errors further inside.
 */
const score = (problems: ReadonlyArray<SchemaProblem>, depth: number): number =>
  problems.reduce((sum, { message, path }) => {
    if (message.startsWith("unknown")) return sum + (path.length === depth + 1 ? 10_000 : 100)
    return sum + (message === "is missing" ? 10 : 1)
  }, 0)

/** Lists that need an item report its absence at the item: people see the list. */
const emptyList = (path: ReadonlyArray<PropertyKey>): SchemaProblem => ({
  path: path.slice(0, -1),
  message: "expected a list with at least one item, found []",
})

/** Such as `Expected an integer`. */
const rule = (issue: SchemaIssue.Filter): string =>
  format(issue)
    .split("\n")[0]!
    .replace(/, got .*$/, "")
    .replace("a value with a length of at least 1", "a non-empty text")

/**
 * A union whose branches are distinguished by a key, such as a scenario's `kind`, when that key is not one of theirs.
 */
const tagProblem = (
  union: SchemaAST.Union,
  path: ReadonlyArray<PropertyKey>,
  root: unknown,
): SchemaProblem | undefined => {
  const value = at(root, path)
  const [first, ...rest] = union.types.map(literalsOf)
  const key = [...(first?.keys() ?? [])].find((name) => rest.every((literals) => literals.has(name)))
  if (key === undefined || !Predicate.isObject(value)) return undefined
  // A kind with several shapes is listed once.
  const known = [...new Set([first!, ...rest].map((literals) => literals.get(key)!))]
  const choice = known.map((literal) => JSON.stringify(literal)).join(" or ")
  const found: unknown = (value as Record<PropertyKey, unknown>)[key]
  if (known.includes(String(found))) return undefined
  if (found === undefined) return { path: [...path, key], message: `is missing; expected ${choice}` }
  return { path: [...path, key], message: `expected ${choice}, found ${shown(found)}${suggestion(found, known)}` }
}

const literalsOf = (ast: SchemaAST.AST): ReadonlyMap<string, string> =>
  new Map(
    SchemaAST.isObjects(ast)
      ? ast.propertySignatures.flatMap(({ name, type }) =>
          SchemaAST.isLiteral(type) && typeof type.literal === "string" ? [[String(name), type.literal]] : [],
        )
      : [],
  )

const expected = (ast: SchemaAST.AST, path: ReadonlyArray<PropertyKey>, root: unknown): SchemaProblem => {
  const found = at(root, path)
  const hint = suggestion(
    found,
    SchemaAST.isUnion(ast) ? ast.types.filter(SchemaAST.isLiteral).map(({ literal }) => String(literal)) : [],
  )
  return { path, message: `expected ${described(ast)}, found ${shown(found, path)}${hint}` }
}

/** What a schema takes, in words of YAML. */
const described = (ast: SchemaAST.AST): string => {
  if (SchemaAST.isLiteral(ast)) return JSON.stringify(ast.literal)
  if (SchemaAST.isUnion(ast)) return [...new Set(ast.types.map(described))].join(" or ")
  if (SchemaAST.isString(ast)) return "a text"
  if (SchemaAST.isNumber(ast)) return "a number"
  if (SchemaAST.isBoolean(ast)) return "true or false"
  if (SchemaAST.isArrays(ast)) return "a list"
  if (SchemaAST.isObjects(ast)) {
    const keys = keysOf(ast)
    return keys.length === 0 ? "keys with values" : `keys with values (${keys.join(", ")})`
  }
  return format(new SchemaIssue.InvalidType(ast))
    .split("\n")[0]!
    .replace(/^Expected /, "")
}

const suggestion = (found: unknown, known: ReadonlyArray<string>): string => {
  const near = typeof found === "string" ? closestKey(found, known) : undefined
  return near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`
}

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []

const at = (root: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (value, key) => (Predicate.isObjectKeyword(value) ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    root,
  )

/**
 * As people write it; an empty value in YAML is null. Of an address, neither user nor query, and nothing of what should
 * name a variable: they may be secrets.
 */
const shown = (value: unknown, path: ReadonlyArray<PropertyKey> = []): string => {
  if (value === undefined || value === null) return "nothing"
  if (String(path.at(-1)).endsWith("Env")) return "a value that is not shown"
  if (typeof value === "string" && /^\s*[a-z][a-z0-9+.-]*:[\\/]/i.test(value)) return shownAddress(value)
  const text = typeof value === "number" ? String(value) : masked(JSON.stringify(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** The known key that was probably meant: at most two edits away. Pure. */
export const closestKey = (key: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .filter((candidate) => Math.abs(candidate.length - key.length) <= 2) // a key may be as long as a file
    .map((candidate) => ({ candidate, distance: editDistance(key.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, candidate.length / 2))
    .toSorted((a, b) => a.distance - b.distance)[0]?.candidate

/** Why a name can't be followed: the likely one, or all that there are. Pure. */
export const unknownName = (what: string, name: string, known: ReadonlyArray<string>): string => {
  const near = closestKey(name, known)
  return `unknown ${what} "${name}"; ${near === undefined ? `available: ${known.join(", ") || "none"}` : `did you mean "${near}"?`}`
}

/** Levenshtein distance, by rows. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
