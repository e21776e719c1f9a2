import { DOORS } from "../architecture/Doors.ts"
import { roomOf, short } from "../architecture/Rooms.ts"
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

const FOLDER = "docs/api"

/** The reference of a door: one page with its names by room and with the files at its top, and a page for each room. */
export const apiPages = ({ name, names }: Entry): ReadonlyArray<Page> => {
  const door = DOORS.find((each) => each.name === name)
  const folder = `${FOLDER}/${slug(name)}`
  const rooms = [...Map.groupBy(names, moduleOf)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const room = ([title, of]: readonly [string, ReadonlyArray<PublicName>]): Page => ({
    path: `${folder}/${title}.md`,
    text: [`# ${name}: ${title}`, WRITTEN, `Imported from \`${name}\`.`, ...sections(of)].join("\n\n"),
  })
  const inside = rooms.filter(([title]) => title !== TOP)
  const top = rooms.find(([title]) => title === TOP)?.[1] ?? []
  return [
    {
      path: `${folder}/README.md`,
      text: [
        `# ${name}`,
        WRITTEN,
        ...(door === undefined
          ? []
          : [`For ${door.reader}. Its sources are in [${door.folder}](../../../${door.folder}).`]),
        `${names.length} names:`,
        rooms
          .map(([title, of]) => `- ${title === TOP ? "on this page" : `[${title}](${title}.md)`}: ${links(title, of)}`)
          .join("\n"),
        ...sections(top),
      ].join("\n\n"),
    },
    ...inside.map(room),
  ]
}

/** The page that lists all doors. */
export const apiIndex = (entries: ReadonlyArray<Entry>): Page => ({
  path: `${FOLDER}/README.md`,
  text: [
    "# Reference",
    WRITTEN,
    "| import | names | for |",
    "| :-- | --: | :-- |",
    ...entries.map(
      ({ name, names }) =>
        `| [\`${name}\`](${slug(name)}/README.md) | ${names.length} | ${DOORS.find((door) => door.name === name)?.reader ?? ""} |`,
    ),
  ]
    .join("\n\n")
    .replaceAll("|\n\n|", "|\n|"),
})

const WRITTEN = "Written from the docstrings by `pnpm run docs`: to change it, change them."
const TOP = ""

const slug = (name: string): string => short(name).replaceAll("/", "-")

/** The room that a name is declared in; none for files at the top of a door. */
const moduleOf = ({ file }: PublicName): string =>
  file.split("/").length > roomOf(file).split("/").length + 2 ? roomOf(file).split("/").at(-1)! : TOP

const links = (title: string, names: ReadonlyArray<PublicName>): string => {
  const anchors = anchorsOf(byFile(names).flatMap(([, of]) => of))
  return names
    .map((each) => `[\`${each.name}\`](${title === TOP ? "" : `${title}.md`}#${anchors.get(each)})`)
    .join(", ")
}

const byFile = (names: ReadonlyArray<PublicName>): ReadonlyArray<readonly [string, ReadonlyArray<PublicName>]> =>
  [...Map.groupBy(names, ({ file }) => file)].toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Where a browser finds each heading of a page: names that differ in case alone are numbered. */
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

/** Names by the file that they are declared in. */
const sections = (names: ReadonlyArray<PublicName>): ReadonlyArray<string> =>
  byFile(names).map(([file, of]) =>
    [`## [${file.split("/").at(-1)!}](../../../${file})`, ...of.map(entry)].join("\n\n"),
  )

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
