import { box, COLORS, stroke, svgFile, type Theme, WIDTH, words } from "./Svg.ts"

/** Figures of some runs with their intervals: a row a run, a panel a figure. Texts are not escaped. */
export interface Bars {
  readonly title: string
  readonly panels: ReadonlyArray<{ readonly title: string }>
  readonly rows: ReadonlyArray<{
    readonly label: string
    readonly status: "valid" | "suspect" | "invalid"
    /** One a panel. */
    readonly values: ReadonlyArray<
      { readonly median: number; readonly low: number; readonly high: number; readonly text: string } | undefined
    >
  }>
}

const [LABELS, ROW, HEAD, GAP, FIGURE] = [250, 30, 44, 16, 104]

/** The signs of verdicts as shapes: not every font has them. */
const SHAPES = {
  valid: "M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10",
  suspect: "M7 2L13 12H1Z",
  invalid: "M2 4L4 2L7 5L10 2L12 4L9 7L12 10L10 12L7 9L4 12L2 10L5 7Z",
} as const

/** Bars from zero, each with its interval as a line and its figure beside it. Pure. */
export const barsSvg = ({ panels, rows, title }: Bars, theme: Theme): string => {
  const colors = COLORS[theme]
  const width = (WIDTH - LABELS - GAP * panels.length) / Math.max(1, panels.length)
  const height = HEAD + ROW * rows.length + 8
  const parts = [
    ...rows.flatMap(({ label, status }, index) => {
      const y = HEAD + ROW * index
      return [
        `<path d="${SHAPES[status]}" transform="translate(0 ${y + 7})" fill="${colors.bar[status]}"/>`,
        words(label, { x: 18, y: y + 19, fill: colors.ink, size: 12.5 }, 36),
      ]
    }),
    ...panels.flatMap((panel, at) => {
      const x = LABELS + GAP + at * (width + GAP)
      const room = width - FIGURE
      const most = Math.max(...rows.map(({ values }) => values[at]?.high ?? 0), Number.MIN_VALUE)
      const scaled = (value: number): number => x + (value / most) * room
      return [
        words(panel.title, { x, y: 20, fill: colors.ink, bold: true, size: 12.5 }, 44),
        stroke(x, HEAD - 8, x, height - 6, colors.line),
        ...rows.flatMap(({ status, values }, index) => {
          const value = values[at]
          const y = HEAD + ROW * index
          if (value === undefined) return [words("–", { x: x + 6, y: y + 19, fill: colors.soft })]
          const middle = y + 14
          return [
            box(x, y + 5, scaled(value.median) - x, 18, colors.bar[status]),
            ...(value.high > value.low
              ? [
                  stroke(scaled(value.low), middle, scaled(value.high), middle, colors.ink),
                  stroke(scaled(value.low), middle - 4, scaled(value.low), middle + 4, colors.ink),
                  stroke(scaled(value.high), middle - 4, scaled(value.high), middle + 4, colors.ink),
                ]
              : []),
            words(value.text, { x: scaled(value.high) + 7, y: y + 19, fill: colors.ink }),
          ]
        }),
      ]
    }),
  ]
  return svgFile(`${title}: ${panels.map((panel) => panel.title).join("; ")}`, height, parts)
}
