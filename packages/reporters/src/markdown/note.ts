import type { Note } from "@rigbook/core"
import { REGISTRY_FOLDER, relativePath } from "../paths.ts"
import { blocks, link } from "./escape.ts"
import { withoutHtml } from "./html.ts"

/** What a person wrote, word for word in a blockquote, with the way to its file. */
export const noteSection = ({ path, text }: Note): string => {
  const lines = text
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split(/\r\n|\r|\n/)
  return blocks(
    withoutHtml(lines)
      .map((line) => (line === "" ? ">" : `> ${line}`))
      .join("\n"),
    `Written in ${link(path, relativePath(REGISTRY_FOLDER, path))}.`,
  )
}
