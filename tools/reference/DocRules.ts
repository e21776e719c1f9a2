import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Field, PublicName } from "./PublicName.ts"
import type { Entry } from "./PublicNames.ts"

/** What is missing in a docstring, and where. */
export interface Lack {
  readonly file: string
  readonly line: number
  readonly sentence: string
}

/** Names with these endings state the unit of their number. */
const UNIT_IN_NAME =
  /(?:^|[a-z0-9])(?:Ms|Seconds|Bytes|MiB|GiB|W|Mhz|C|J|Percent|Cores|PerS|Per[A-Z][a-z]+|Share|Index|Tokens|Count)$|^(?:ms|bytes|tokens|index|percent|seed|port|pid|line|column|status|exitCode|count|n)$/
/** A plural counts what it names: `layers`, `requests`. */
const PLURAL = /[a-z](?<!s)s$/
/** Words that say what a number means. */
const UNIT_IN_DOC =
  /\b(?:ms|milliseconds?|s|seconds?|minutes?|bytes?|GiB|MiB|KiB|W|watts?|J|joules?|MHz|°C|percent|per (?:second|token)|tokens?|documents?|requests?|layers?|cores?|trials?|processes|devices|counts?|counted|number of|how many|how often|times|share|shares|ratio|fraction|between 0 and 1|0 to 1|probability|from 0|from 1|position|stars?|exit code|bits?|nats|parameters?|dimensions?|width|unit|seed|dollars?)\b|%/i

/** Errors of the libraries that we build on, described there. */
const FOREIGN = new Set(["PlatformError", "SchemaError"])

/** What is missing from the docstrings of public names: what they are, units and shapes, and errors. */
export const lacksOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<Lack> => {
  const documented = new Set(entries.flatMap(({ names }) => names.map(({ name }) => name)))
  return entries.flatMap(({ names }) => names.flatMap((name) => lacks(name, documented)))
}

const lacks = (name: PublicName, documented: ReadonlySet<string>): ReadonlyArray<Lack> => [
  ...(name.doc === "" ? [lack(name, "has no docstring: say what it is.")] : []),
  ...[...name.fields, ...name.parameters]
    .filter((field) => field.numeric && !tellsUnit(field, name))
    .map((field) =>
      lack(
        name,
        `does not say what unit its ${field.name} (${field.type}) is in: name it, in the docstring or at the end of the name.`,
      ),
    ),
  ...name.errors
    .filter((error) => /^[A-Z]\w+/.test(error) && !name.doc.includes(`\`${error}\``))
    .map((error) => lack(name, `fails with ${error}, and its docstring does not say when: name \`${error}\` in it.`)),
  ...name.errors
    .filter((error) => /^[A-Z]\w+/.test(error) && !FOREIGN.has(error) && !documented.has(error))
    .map((error) =>
      lack(name, `fails with ${error}, which is not public: export it, so that it can be caught by its type.`),
    ),
]

const tellsUnit = (field: Field, of: PublicName): boolean => {
  const path = field.name.split(".")
  const name = path.at(-1)!
  const around = of.fields.filter(({ name: outer }) => field.name.startsWith(`${outer}.`)).map(({ doc }) => doc)
  if ([field.doc, ...around].some((doc) => UNIT_IN_DOC.test(doc))) return true
  if ([of.doc, ...around].some((doc) => doc.includes(`\`${name}\``))) return true
  if (of.parameters.includes(field) && UNIT_IN_DOC.test(of.doc)) return true
  // A name does not say what one of several numbers means, or its place in the list.
  return !/\[\]/.test(field.type) && (path.some((part) => UNIT_IN_NAME.test(part)) || PLURAL.test(name))
}

const lack = ({ file, line, name }: PublicName, what: string): Lack => ({ file, line, sentence: `${name} ${what}` })

/** Files of formulas (metrics and statistics) that do not say in a comment where these come from. */
export const sourcelessOf = (root: string): ReadonlyArray<Lack> =>
  globSync("packages/records/src/{metrics,statistics}/*.ts", { cwd: root })
    .toSorted()
    .filter((file) => isSourceless(readFileSync(join(root, file), "utf8")))
    .map((file) => ({
      file,
      line: 1,
      sentence: "holds formulas without a source: say `Source: …` in a comment, or `Source: ours` with the reason.",
    }))

/** Whether a file makes figures, and does not say whose formulas these are. */
export const isSourceless = (text: string): boolean =>
  /^export const \w+(?:: (?:Metric|ReadonlyArray<Metric>) = (?!\[)| = \([^)]*number)/m.test(text) &&
  !/(?:\/\*|^ \*|\/\/).*\bSources?: |^ \*.*\bSources?: /m.test(text)
