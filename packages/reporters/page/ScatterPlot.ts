import uPlot from "uplot"
import type { PageRun } from "../src/html/PageRun.ts"
import { element } from "./element.ts"
import { isLogarithmic, rangeOf, ticksOf } from "./scale.ts"

export interface Point {
  readonly x: number
  readonly y: number
  /** The ends of the interval of `y`, where there is one. */
  readonly low?: number
  readonly high?: number
  readonly run: PageRun
  /** What the point shows, for the hint beside the pointer: made when it is needed, since there may be many points. */
  readonly hint: () => string
}

export interface Axis {
  readonly title: string
  readonly show: (value: number) => string
  /** Whether its ticks are powers of two. */
  readonly binary?: boolean
}

export interface Scatter {
  readonly x: Axis
  readonly y: Axis
  readonly points: ReadonlyArray<Point>
  /** Points that are joined, by their positions in `points`. */
  readonly lines?: ReadonlyArray<ReadonlyArray<number>>
  /** What each line is, at its end; one for each of `lines`. */
  readonly labels?: ReadonlyArray<string>
  /** Whether a line marks where both axes have the same value. */
  readonly diagonal?: boolean
  /** Axes that are always linear: time, and values around zero. */
  readonly linear?: "y" | "both"
  /** Lines alone, where there are too many points to mark. */
  readonly unmarked?: boolean
}

export interface Look {
  /** A CSS colour for each run. */
  readonly colour: (run: PageRun) => string
  readonly ink: string
  readonly grid: string
}

const HEIGHT = 340
/** How near, in CSS pixels, the pointer has to be to a point. */
const REACH = 20

/** Draws points on a canvas in `host`, and opens the run of a clicked one. Returns a function that removes it. */
export const scatterPlot = (
  host: HTMLElement,
  scatter: Scatter,
  look: Look,
  open: (run: PageRun) => void,
): (() => void) => {
  const { diagonal = false, linear, points, x, y } = scatter
  const [xs, ys] = [
    points.map((point) => point.x),
    points.flatMap(({ high, low, y: at }) => [at, low ?? at, high ?? at]),
  ]
  const both = diagonal ? [...xs, ...ys] : undefined
  const logarithmic = {
    x: linear !== "both" && isLogarithmic(both ?? xs),
    y: linear === undefined && isLogarithmic(both ?? ys),
  }
  const scale = (values: ReadonlyArray<number>, log: boolean): uPlot.Scale => ({
    time: false,
    distr: log ? 3 : 1,
    range: rangeOf(values, log),
  })
  const axis = ({ binary = false, show, title }: Axis, log: boolean): uPlot.Axis => ({
    label: title,
    labelFont: FONT,
    font: FONT,
    stroke: look.ink,
    grid: { stroke: look.grid, width: 1 },
    ticks: { stroke: look.grid, width: 1 },
    splits: (_, __, low, high) => ticksOf(low, high, log, binary),
    // uPlot hides ticks of a logarithmic axis that are not powers of ten.
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map((value) => tick(value, show, binary)),
  })
  const plot = new uPlot(
    {
      mode: 2,
      width: host.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: scale(both ?? xs, logarithmic.x), y: scale(both ?? ys, logarithmic.y) },
      axes: [axis(x, logarithmic.x), { ...axis(y, logarithmic.y), size: 75 }],
      series: [
        {},
        {
          facets: [
            { scale: "x", auto: false },
            { scale: "y", auto: false },
          ],
          paths: (drawn) => {
            draw(drawn, scatter, look)
            return null
          },
        },
      ],
    },
    // uPlot's types have one list of values per series; for points it takes two.
    [null, [xs, points.map((point) => point.y)]] as unknown as uPlot.AlignedData,
    host,
  )

  const hint = element("div", { class: "hint", hidden: "" })
  plot.over.append(hint)
  const nearest = (event: MouseEvent): Point | undefined => {
    const { left, top } = plot.over.getBoundingClientRect()
    const [px, py] = [event.clientX - left, event.clientY - top]
    let best: Point | undefined
    let reach = REACH ** 2
    for (const point of points) {
      const away = (plot.valToPos(point.x, "x") - px) ** 2 + (plot.valToPos(point.y, "y") - py) ** 2
      if (away < reach) [best, reach] = [point, away]
    }
    return best
  }
  plot.over.addEventListener("mousemove", (event) => {
    const point = nearest(event)
    hint.hidden = point === undefined
    plot.over.style.cursor = point === undefined ? "default" : "pointer"
    if (point === undefined) return
    hint.textContent = point.hint()
    const [left, top] = [plot.valToPos(point.x, "x"), plot.valToPos(point.y, "y")]
    hint.style.left = `${Math.max(0, Math.min(left + 10, plot.over.clientWidth - hint.offsetWidth))}px`
    hint.style.top = `${top + 12}px`
  })
  plot.over.addEventListener("mouseleave", () => (hint.hidden = true))
  plot.over.addEventListener("click", (event) => {
    const point = nearest(event)
    if (point !== undefined) open(point.run)
  })
  const resized = new ResizeObserver(() => {
    if (host.clientWidth !== plot.width) plot.setSize({ width: host.clientWidth, height: HEIGHT })
  })
  resized.observe(host)
  return () => {
    resized.disconnect()
    plot.destroy()
  }
}

/** A round value needs no trailing zeros: `50`, `2 GiB`. */
const tick = (value: number, show: Axis["show"], binary: boolean): string =>
  binary ? show(value).replace(/(?:\.0+|(\.\d*?[1-9])0+)(?= |$)/, "$1") : String(Number(value.toPrecision(6)))

const FONT = "13px system-ui, sans-serif"

const draw = (
  plot: uPlot,
  { diagonal = false, labels = [], lines = [], points, unmarked = false }: Scatter,
  { colour, ink }: Look,
): void => {
  const { ctx } = plot
  const { height, left, top, width } = plot.bbox
  const at = ({ x, y }: Pick<Point, "x" | "y">) => [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)] as const
  const stroke = (path: ReadonlyArray<Pick<Point, "x" | "y">>, style: string) => {
    ctx.beginPath()
    for (const point of path) ctx.lineTo(...at(point))
    ctx.strokeStyle = style
    ctx.stroke()
  }
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.lineWidth = 1.5 * devicePixelRatio
  if (diagonal) {
    const { max = 0, min = 0 } = plot.scales["x"] ?? {}
    stroke(
      [
        { x: min, y: min },
        { x: max, y: max },
      ],
      ink,
    )
  }
  for (const line of lines) {
    const path = line.flatMap((index) => points[index] ?? [])
    if (path[0] !== undefined) stroke(path, colour(path[0].run))
  }
  ctx.lineWidth = devicePixelRatio
  for (const { high, low, run, x } of points)
    if (low !== undefined && high !== undefined)
      stroke(
        [
          { x, y: low },
          { x, y: high },
        ],
        colour(run),
      )
  ctx.lineWidth = 1.5 * devicePixelRatio
  for (const point of unmarked ? [] : points) mark(ctx, at(point), colour(point.run), point.run.verdict)
  drawLabels(plot, labels, lines, points, ink)
  ctx.restore()
}

/** So many lines can be named without one name over another. */
const NAMED = 8

const short = (label: string): string => (label.length > 36 ? `${label.slice(0, 35)}…` : label)

/** The name of each line beside its last point; of many lines none, since the hints name them. */
const drawLabels = (
  plot: uPlot,
  labels: ReadonlyArray<string>,
  lines: ReadonlyArray<ReadonlyArray<number>>,
  points: ReadonlyArray<Point>,
  ink: string,
): void => {
  const { ctx } = plot
  const drawn = lines.flatMap((line, index) => {
    const last = points[line.at(-1) ?? -1]
    const label = labels[index]
    return last === undefined || label === undefined ? [] : [{ last, label }]
  })
  if (drawn.length > NAMED) return
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  ctx.fillStyle = ink
  ctx.textAlign = "right"
  ctx.lineJoin = "round"
  ctx.lineWidth = 4 * devicePixelRatio
  ctx.strokeStyle = getComputedStyle(document.body).backgroundColor
  const taken: Array<number> = []
  for (const { label, last } of drawn) {
    const [x, y] = [plot.valToPos(last.x, "x", true), plot.valToPos(last.y, "y", true)]
    const height = 15 * devicePixelRatio
    let at = y - 8 * devicePixelRatio
    while (taken.some((other) => Math.abs(other - at) < height)) at -= height
    taken.push(at)
    // Over lines and points it can be read by its edge.
    const right = Math.max(x + 6 * devicePixelRatio, plot.bbox.left + ctx.measureText(short(label)).width)
    ctx.strokeText(short(label), right, at)
    ctx.fillText(short(label), right, at)
  }
}

/** A disc is valid, a triangle suspect, a cross invalid: the shapes that tables use. */
const mark = (
  ctx: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  colour: string,
  verdict: PageRun["verdict"],
): void => {
  const size = 4.5 * devicePixelRatio
  ctx.beginPath()
  ctx.strokeStyle = ctx.fillStyle = colour
  if (verdict === "valid") ctx.arc(x, y, size, 0, 2 * Math.PI)
  if (verdict === "suspect") {
    ctx.moveTo(x, y - size * 1.3)
    ctx.lineTo(x + size * 1.2, y + size)
    ctx.lineTo(x - size * 1.2, y + size)
    ctx.closePath()
  }
  if (verdict !== "invalid") return ctx.fill()
  ctx.moveTo(x - size, y - size)
  ctx.lineTo(x + size, y + size)
  ctx.moveTo(x + size, y - size)
  ctx.lineTo(x - size, y + size)
  ctx.stroke()
}
