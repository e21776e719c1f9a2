import { box, COLORS, stroke, svgFile, type Theme, WIDTH, words } from "./Svg.ts"

/** Memory of models, a bar for each device that one is put on. Bytes; texts are not escaped. */
export interface Stacks {
  readonly title: string
  readonly rows: ReadonlyArray<{
    readonly label: string
    readonly bars: ReadonlyArray<{
      readonly label: string
      readonly text: string
      readonly free?: number
      readonly weights: number
      readonly cache: number
      readonly all: number
    }>
  }>
}

const [LABELS, BAR, PAD, HEAD, FIGURE] = [270, 20, 12, 40, 90]

/** Weights, cache and the rest from left to right, with what is free there as a line. Pure. */
export const stacksSvg = ({ rows, title }: Stacks, theme: Theme): string => {
  const colors = COLORS[theme]
  const bars = rows.flatMap((row) => row.bars)
  const most = Math.max(1, ...bars.map(({ all, free = 0 }) => Math.max(all, free)))
  const room = WIDTH - LABELS - FIGURE
  const scaled = (bytes: number): number => LABELS + (bytes / most) * room
  const parts = legend(colors)
  let y = HEAD
  for (const row of rows) {
    parts.push(words(row.label, { x: 0, y: y + 14, fill: colors.ink, bold: true, size: 12.5 }, 40))
    for (const { all, cache, free, text, weights } of row.bars) {
      parts.push(
        box(LABELS, y, scaled(weights) - LABELS, BAR - 4, colors.parts[0]),
        box(scaled(weights), y, scaled(weights + cache) - scaled(weights), BAR - 4, colors.parts[1]),
        box(scaled(weights + cache), y, scaled(all) - scaled(weights + cache), BAR - 4, colors.parts[2]),
        ...(free === undefined ? [] : [stroke(scaled(free), y - 3, scaled(free), y + BAR - 1, colors.limit, true)]),
        words(text, {
          x: Math.max(scaled(all), free === undefined ? 0 : scaled(free)) + 7,
          y: y + 13,
          fill: colors.ink,
        }),
      )
      y += BAR
    }
    y += PAD
  }
  return svgFile(title, y, parts)
}

const legend = (colors: (typeof COLORS)[Theme]): Array<string> => {
  const entries = [
    ["weights", colors.parts[0], 90],
    ["KV cache", colors.parts[1], 100],
    ["compute, runtime, margin", colors.parts[2], 190],
  ] as const
  let x = LABELS
  const parts: Array<string> = []
  for (const [name, color, width] of entries) {
    parts.push(box(x, 8, 12, 12, color), words(name, { x: x + 17, y: 18, fill: colors.soft }))
    x += width
  }
  parts.push(stroke(x, 8, x, 21, colors.limit, true), words("free there", { x: x + 8, y: 18, fill: colors.soft }))
  return parts
}
