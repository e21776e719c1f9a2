import {
  absent,
  type DatasetLoader,
  type FileContent,
  Measured,
  type Metric,
  type Reporter,
  type Vendor,
} from "@rigbook/core"
import { Effect, Schema } from "effect"
import { bounded } from "./Bounded.ts"
import { pluginThrew, reasonOf } from "./PluginThrew.ts"

/** Longest time that a plugin's metric may take for one trial. */
const MEASURE_MS = 10_000
/** Longest time that a plugin's reporter may take for one text. */
const RENDER_MS = 60_000

const isMeasured = Schema.is(Measured)

/** A metric that throws, or gives what is no figure, has no value; the others have theirs. */
export const guardMetric = (plugin: string, metric: Metric): Metric => ({
  ...metric,
  ...(metric.withOptions === undefined
    ? {}
    : { withOptions: (options) => guardMetric(plugin, metric.withOptions!(options)) }),
  measure: (sample, telemetry) => {
    try {
      const result: unknown = bounded(MEASURE_MS, () => metric.measure(sample, telemetry))
      return isMeasured(result) ? result : absent(`the plugin ${plugin} gave neither a figure nor a reason`)
    } catch (cause) {
      return absent(`the plugin ${plugin} threw an error: ${reasonOf(cause)}`)
    }
  },
})

/** A reporter that throws, takes too long or gives what can't be written does so as its plugin's defect. */
export const guardReporter = (plugin: string, reporter: Reporter<FileContent>): Reporter<FileContent> => {
  const { registry, registryPages, registryParts, report } = reporter
  const named = <A>(call: () => A): A => {
    try {
      return bounded(RENDER_MS, call)
    } catch (cause) {
      throw pluginThrew(plugin, `reporter ${reporter.id}`, cause)
    }
  }
  const written = (call: () => FileContent): FileContent => named(() => checked(call()))
  const all = <A>(parts: () => Iterable<A>) => named(() => [...parts()])
  const texts = <A extends FileContent>(parts: () => Iterable<A>) => named(() => [...parts()].map(checked))
  return {
    ...reporter,
    registry: (...args) => written(() => registry(...args)),
    report: (...args) => written(() => report(...args)),
    ...(registryParts === undefined ? {} : { registryParts: (made) => texts(() => registryParts(made)) }),
    ...(registryPages === undefined
      ? {}
      : {
          registryPages: (made) =>
            all(() => registryPages(made)).map(({ name, parts }) => ({ name, parts: () => texts(parts) })),
        }),
  }
}

const checked = <A extends FileContent>(content: A): A => {
  const given: unknown = content
  if (typeof given === "string" || given instanceof Uint8Array) return content
  throw new TypeError(`it gave ${typeof given}, which is neither a text nor bytes`)
}

/** A loader that throws does so as its plugin's defect. */
export const guardDatasetLoader = (plugin: string, { id, load }: DatasetLoader): DatasetLoader => ({
  id,
  load: (part) =>
    Effect.catchDefect(
      Effect.suspend(() => load(part)),
      (defect) => Effect.die(pluginThrew(plugin, "load", defect)),
    ),
})

/** A vendor that throws while it looks for GPUs does so as its plugin's defect. */
export const guardVendor = (plugin: string, vendor: Vendor): Vendor => {
  const named = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
    Effect.catchDefect(effect, (defect) => Effect.die(pluginThrew(plugin, what, defect)))
  return {
    ...vendor,
    present: named("present", vendor.present),
    discover: named("discover", vendor.discover),
    read: vendor.read.map((open) => named("read", open)),
  }
}
