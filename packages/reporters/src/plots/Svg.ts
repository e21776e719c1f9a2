import { visible } from "@rigbook/core"

/** For a light page or a dark one. */
export type Theme = "light" | "dark"

/** Colors of a theme. Verdicts differ by their sign too, parts of memory by their order. */
export interface Colors {
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly bar: Readonly<Record<"valid" | "suspect" | "invalid", string>>
  readonly parts: readonly [weights: string, cache: string, rest: string]
  readonly limit: string
}

export const COLORS: Readonly<Record<Theme, Colors>> = {
  light: {
    ink: "#1f2328",
    soft: "#59636e",
    line: "#d1d9e0",
    bar: { valid: "#4a6fa5", suspect: "#c99a2e", invalid: "#b3261e" },
    parts: ["#4a6fa5", "#8fb3dd", "#c9d7e6"],
    limit: "#b3261e",
  },
  dark: {
    ink: "#f0f6fc",
    soft: "#9198a1",
    line: "#3d444d",
    bar: { valid: "#7aa2d9", suspect: "#d9b45a", invalid: "#f2746b" },
    parts: ["#7aa2d9", "#46689a", "#33445c"],
    limit: "#f2746b",
  },
}

export const WIDTH = 820
const FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** What an SVG of the registry begins with, as every generated page does. */
const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Any text in an SVG, as it is to be seen. */
export const escapeXml = (value: string): string =>
  visible(value.toWellFormed()).replace(/[&<>"]/g, (character) => ENTITIES[character]!)

/** A whole file. `title`: what it shows, for who can't see it. */
export const svgFile = (title: string, height: number, parts: ReadonlyArray<string>): string =>
  `${GENERATED}\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="${FONT}" role="img" aria-label="${escapeXml(title)}">\n${parts.join("\n")}\n</svg>\n`

export interface Words {
  readonly x: number
  readonly y: number
  readonly fill: string
  readonly size?: number
  readonly anchor?: "start" | "middle" | "end"
  readonly bold?: true
}

/** A line of text, cut where it is longer than `most` characters. */
export const words = (value: string, { anchor = "start", bold, fill, size = 12, x, y }: Words, most = 60): string => {
  const shown = value.length > most ? `${value.slice(0, most - 1)}…` : value
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ""}>${escapeXml(shown)}</text>`
}

export const box = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${px(x)}" y="${px(y)}" width="${px(Math.max(0, width))}" height="${px(height)}" fill="${fill}"/>`

export const stroke = (x1: number, y1: number, x2: number, y2: number, color: string, dashed = false): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${color}"${dashed ? ' stroke-dasharray="4 3"' : ""}/>`

/** A tenth of a pixel is enough. */
const px = (value: number): string => String(Math.round(10 * value) / 10)
