import Table from "cli-table3"
import { styled } from "./Style.ts"
import { widthOf, wrapped } from "./Wrapped.ts"

/** A plain table for a terminal: headings, two spaces between columns, no lines. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" }
  const lines = new Table({
    head: head.map((text) => styled("bold", text)),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      ...none,
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "",
    },
  })
  for (const row of rows) lines.push([...row])
  return lines
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
}

/**
 * A table where it is no wider than `width`, else a paragraph for each row: its first cell, and the others with their
 * headings.
 */
export const tableWithin = (
  width: number,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): string => {
  const whole = table(head, rows)
  if (whole.split("\n").every((line) => widthOf(line) <= width)) return whole
  return rows
    .map((cells) => {
      const named = cells.flatMap((cell, index) =>
        cell === "" ? [] : [index === 0 || (head[index] ?? "") === "" ? cell : `${head[index]} ${cell}`],
      )
      return wrapped(named.join(" · ").split(" "), width, "  ")
    })
    .join("\n")
}
