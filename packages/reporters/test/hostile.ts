import { Schema } from "effect"

/** Text that is made to break tables, links, headings, code and HTML. */
export const Hostile = Schema.NonEmptyArray(
  Schema.Literals([
    "name",
    " ",
    "\n",
    "\r",
    "|",
    "\\",
    "`",
    "```",
    "<script>",
    "</td>",
    "<!--",
    "&lt;",
    '"',
    "](",
    "_",
    "*",
    "#",
    "\u2028",
    "\u0000",
    "\ud800",
  ]),
)

/** How many pipes part cells in a row, as GitHub reads it: a pipe after a backslash belongs to its cell. */
export const cellPipes = (row: string): number => row.match(/(?<!\\)\|/g)?.length ?? 0
