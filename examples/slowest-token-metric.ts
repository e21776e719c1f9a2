import { absent, measured, type Metric } from "@rigbook/core"

/** The longest wait between two chunks of an answer: what a reader notices as a hiccup. */
export const slowestToken: Metric = {
  id: "slowest_token",
  title: "Slowest token",
  definition: "longest time between two chunks of one answer",
  unit: "ms",
  better: "lower",
  tasks: ["generate"],
  views: ["runs", "line"],
  measure: ({ requests }) => {
    const gaps = requests
      .filter(({ outcome }) => outcome === "ok")
      .flatMap(({ chunkMs }) => chunkMs.slice(1).map((at, index) => at - chunkMs[index]!))
    return gaps.length === 0 ? absent("no answer came in two chunks or more") : measured(Math.max(...gaps))
  },
}
