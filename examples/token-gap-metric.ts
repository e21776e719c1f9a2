import { absent, measured, type Metric, metricWithOptions } from "@rigbook/core"
import { Effect, Schema } from "effect"

const Options = Schema.Struct({
  /** Which percentile of the waits, in percent. */
  percentile: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(99)),
  ),
})

/** A percentile of the waits between two chunks of an answer, which a workspace chooses: 99 by default. */
export const tokenGap: Metric = metricWithOptions(Options, ({ percentile }) => ({
  id: "token_gap",
  title: "Wait between chunks",
  definition: `percentile ${percentile} (nearest rank) of the times between two chunks of an answer`,
  unit: "ms",
  better: "lower",
  tasks: ["generate"],
  measure: ({ requests }) => {
    const gaps = requests
      .filter(({ outcome }) => outcome === "ok")
      .flatMap(({ chunkMs }) => chunkMs.slice(1).map((at, index) => at - chunkMs[index]!))
      .toSorted((a, b) => a - b)
    const rank = Math.max(1, Math.ceil((percentile / 100) * gaps.length))
    return gaps.length === 0 ? absent("no answer came in two chunks or more") : measured(gaps[rank - 1]!)
  },
}))
