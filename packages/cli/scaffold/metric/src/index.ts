import { absent, measured, type Metric } from "@rigbook/core"

/** The longest wait between two chunks of an answer: put what you want to know in its place. */
export const myMetric: Metric = {
  id: "my_metric",
  title: "My metric",
  definition: "longest time between two chunks of one answer",
  unit: "ms",
  better: "lower",
  tasks: ["generate"],
  measure: ({ requests }) => {
    const gaps = requests
      .filter(({ outcome }) => outcome === "ok")
      .flatMap(({ chunkMs }) => chunkMs.slice(1).map((at, index) => at - chunkMs[index]!))
    // Missing is never zero: a value is a number, or absent with its reason.
    return gaps.length === 0 ? absent("no answer came in two chunks or more") : measured(Math.max(...gaps))
  },
}
