import type { Page } from "./Page.ts"
import type { Field, PublicName } from "./PublicName.ts"
import type { Entry } from "./PublicNames.ts"

const KINDS: Readonly<Record<PublicName["kind"], string>> = {
  class: "class",
  error: "error",
  function: "function",
  schema: "schema and type",
  type: "type",
  value: "value",
}

/** The reference of one entry point: its names by the file that they are declared in, contracts first. */
export const apiPage = ({ name, names }: Entry): Page => {
  const files = [...Map.groupBy(names, ({ file }) => file)].toSorted(([a], [b]) => order(a, b))
  const anchors = anchorsOf(files.flatMap(([, of]) => of))
  return {
    path: `docs/api/${name.replace(/^@rigbook\//, "").replaceAll("/", "-")}.md`,
    text: [
      `# ${name}`,
      "Written from the docstrings by `pnpm run docs`: to change it, change them.",
      `${names.length} names: ${names.map((each) => `[\`${each.name}\`](#${anchors.get(each)})`).join(", ")}.`,
      ...files.map(([file, of]) => section(file, of)),
    ].join("\n\n"),
  }
}

/** Where a browser finds each heading: names that differ in case alone are numbered. */
const anchorsOf = (names: ReadonlyArray<PublicName>): ReadonlyMap<PublicName, string> => {
  const seen = new Map<string, number>()
  return new Map(
    names.map((each) => {
      const anchor = each.name.toLowerCase()
      const before = seen.get(anchor) ?? 0
      seen.set(anchor, before + 1)
      return [each, before === 0 ? anchor : `${anchor}-${before}`]
    }),
  )
}

const order = (a: string, b: string): number => a.split("/").length - b.split("/").length || (a < b ? -1 : 1)

const section = (file: string, names: ReadonlyArray<PublicName>): string =>
  [`## [${file.replace(/^packages\/[^/]+\/src\//, "")}](../../${file})`, ...names.map(entry)].join("\n\n")

const entry = ({ declaration, doc, errors, fields, kind, name }: PublicName): string =>
  [
    `### ${name}`,
    `_${KINDS[kind]}_`,
    prose(doc),
    ...(declaration === "" ? [] : ["```ts\n" + declaration + "\n```"]),
    ...(errors.length > 0 ? [`Fails with ${errors.map((error) => `\`${error}\``).join(", ")}.`] : []),
    ...(fields.length > 0 ? [fields.map(line).join("\n")] : []),
  ].join("\n\n")

const line = ({ doc, name, optional, type }: Field): string =>
  `- \`${name}${optional ? "?" : ""}: ${type.replaceAll(/\s+/g, " ")}\`${doc === "" ? "" : `: ${prose(doc).replaceAll(/\s+/g, " ")}`}`

const prose = (doc: string): string => doc.replaceAll(/\{@link (\w+)\}/g, "`$1`")
