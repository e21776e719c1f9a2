import { assert, describe, it } from "@effect/vitest"
import { plotsOf } from "../../page/plots.ts"
import { pageData, pageSource } from "../../src/html/data/pageSource.ts"
import { rigRegistry } from "../html/rig.ts"

const data = pageData(pageSource(rigRegistry(), "models"))
const plots = new Map(plotsOf(data).map((plot) => [plot.id, plot]))
const shown = (id: string, choice = "") => plots.get(id)!.of(data.runs, choice)
const pointsOf = (id: string) => shown(id).points

describe("plotsOf", () => {
  it("has a point for each run with both figures, and none for the others", () => {
    const points = pointsOf("throughput-latency-generate")
    const q8 = points.find(({ run }) => run.id === "big-llama-Q8_0")!
    assert.deepStrictEqual([q8.x, q8.y], [321.2, 16.5753])
    assert.isUndefined(points.find(({ run }) => run.failure !== undefined))
    assert.lengthOf(pointsOf("throughput-latency-embed"), 5)
  })

  it("joins runs that differ in nothing but their batch, smallest first", () => {
    const { lines, points } = shown("batch-ladders", "docs_per_s")
    assert.deepStrictEqual(
      lines!.map((line) => line.map((index) => points[index]!.x)),
      [[1, 8, 32, 128, 512]],
    )
  })

  it("has bits per weight against speed and memory", () => {
    assert.sameMembers(
      [...new Set(pointsOf("quantization-memory").map(({ x }) => x))],
      [3.16, 4.85, 4.8523, 8.5, 16, 32],
    )
  })

  it("holds estimated memory against what the engine holds, where both are known", () => {
    const points = pointsOf("estimated-memory")
    assert.lengthOf(points, 8)
    for (const { x, y } of points) assert.isAtLeast(y, x)
  })

  it("has every trial's distance from its run's median", () => {
    const { points } = plots.get("trials")!.of(
      data.runs.filter(({ id }) => id === "tiny-llama-F16"),
      "ttft",
    )
    assert.lengthOf(points, 10)
    assert.approximately(Math.max(...points.map(({ y }) => y)), 1, 0.01)
    assert.approximately(
      points.reduce((sum, { y }) => sum + y, 0),
      0,
      0.01,
    )
  })
})
