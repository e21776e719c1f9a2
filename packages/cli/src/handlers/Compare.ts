import { writeAtomically } from "@rigbook/records"
import {
  compare as compareRecords,
  type Comparison,
  type Crossing,
  CROSSINGS,
  gate as gateOf,
  hostsDetail,
  type NotComparable,
  pairRecords,
  type RecordComparison,
} from "@rigbook/registry"
import { Effect, FileSystem } from "effect"
import { dirname, relative, resolve } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { figuresText, folded, type Formats } from "../output/CompareFigures.ts"
import { compareSummary, SUMMED_FROM } from "../output/CompareSummary.ts"
import { figure } from "../output/Figures.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { installedMetrics } from "../Plugins.ts"
import { pairOverHosts } from "./PairOverHosts.ts"
import { selectRecords } from "./SelectRecords.ts"
import { styled } from "../output/Style.ts"

/** What `rigbook compare` was called with. */
export interface CompareInput {
  readonly a: string
  /** Left out: the records of `a`, host by host. */
  readonly b: string | undefined
  readonly gate: boolean
  readonly across: string | undefined
  readonly metrics: string | undefined
  /** In percent. */
  readonly threshold: number
  readonly junit: string | undefined
  readonly markdown: string | undefined
  readonly json: boolean
}

/** Compares two records, or two sets of them. A gate's exit code is 3 for a regression and 1 if inconclusive. */
export const compare = Effect.fn("Compare.compare")(function* (action: CompareInput) {
  const across = yield* crossings(action.across)
  if (!(action.threshold >= 0)) return yield* usageFailure("--threshold is a percentage, zero or more.")
  const isOverHosts = action.b === undefined
  if (isOverHosts && action.gate)
    return yield* usageFailure("--gate compares two sides of one host: name both, before and after.")
  const pairing = yield* action.b === undefined ? pairOverHosts(action.a) : pairOf(action.a, action.b)
  const comparison = compareRecords(pairing, {
    across: isOverHosts ? [...across, "host"] : across,
    known: yield* installedMetrics,
    threshold: action.threshold / 100,
    ...(action.metrics === undefined ? {} : { metrics: action.metrics.split(",") }),
  })
  const gate = gateOf(comparison)
  const { changeText, comparisonJunit, comparisonPage, pText } = yield* Effect.promise(
    () => import("@rigbook/reporters"),
  )
  yield* writeTo(action.junit, () => comparisonJunit(comparison))
  yield* writeTo(action.markdown, () => comparisonPage(comparison, action.gate ? gate : undefined))
  if (action.json) yield* printJson(action.gate ? { ...comparison, gate } : comparison)
  else if (comparison.records.length >= SUMMED_FROM)
    yield* print([...(isOverHosts ? hostLines(pairing) : []), compareSummary(comparison)].join("\n"))
  else yield* print(page(comparison, { changeText, pText }))
  if (action.gate && !action.json)
    yield* print([`\nThe gate ${GATE_WORDS[gate.status]}.`, ...gate.reasons.map((reason) => `  ${reason}`)].join("\n"))
  if (comparison.records.length === 0 && comparison.refused.length > 0) return EXIT.usage
  return action.gate ? { passed: EXIT.done, regression: EXIT.regression, unknown: EXIT.failed }[gate.status] : EXIT.done
})

const pairOf = Effect.fnUntraced(function* (wordA: string, wordB: string) {
  const [a, b] = yield* Effect.all([selectRecords(wordA), selectRecords(wordB)])
  return pairRecords(a.records, b.records, { sameModel: a.registry && b.registry })
})

/** What differs between the hosts of the pairs, each difference once. */
const hostLines = ({ pairs }: ReturnType<typeof pairRecords>): ReadonlyArray<string> =>
  [...new Set(pairs.map(([a, b]) => hostsDetail(a, b)))].map(
    (detail) => `${detail[0]!.toUpperCase()}${detail.slice(1)}.`,
  )

const GATE_WORDS = { passed: "passed", regression: "found a regression", unknown: "is inconclusive" } as const

const crossings = (text: string | undefined) =>
  Effect.forEach(text?.split(",") ?? [], (word) => {
    const known = CROSSINGS.find((crossing) => crossing === word)
    return known === undefined
      ? Effect.fail(usageFailure(`--across takes ${CROSSINGS.join(", ")}, not "${word}".`))
      : Effect.succeed<Crossing>(known)
  })

const writeTo = Effect.fnUntraced(function* (file: string | undefined, render: () => string) {
  if (file === undefined) return
  const fs = yield* FileSystem.FileSystem
  const path = resolve(file)
  yield* fs.makeDirectory(dirname(path), { recursive: true })
  yield* writeAtomically(path, render())
  printAside(`wrote ${relative(process.cwd(), path)}`)
})

const page = ({ onlyInA, onlyInB, records, refused, threshold }: Comparison, formats: Formats): string =>
  [
    ...records.map((record) => recordText(record, formats)),
    ...refused.map(refusal),
    ...onlyInA.map((id) => `Only in a: ${id}`),
    ...onlyInB.map((id) => `Only in b: ${id}`),
    ...(records.length === 0
      ? []
      : [
          `Changes below ${figure(100 * threshold)} % are ignored. p: Mann–Whitney test with Holm's correction. Detectable: the\nsmallest change that this many trials would show in four of five repetitions.${records.some(({ metrics }) => metrics.some(({ paired }) => paired !== undefined)) ? " Figures of quality are compared\nquery by query: change, interval and p are those of a paired bootstrap." : ""}`,
        ]),
    ...(records.length + refused.length + onlyInA.length + onlyInB.length === 0 ? ["Nothing to compare."] : []),
  ].join("\n\n")

const recordText = ({ a, absent, b, caveats, metrics, names }: RecordComparison, formats: Formats): string =>
  [
    folded(names[0] === names[1] ? names[0] : `${names[0]} against ${names[1]}`),
    `a  ${a}`,
    `b  ${b}`,
    ...caveats.map((caveat) => `   ${styled("yellow", caveat)}`),
    "",
    figuresText(metrics, formats),
    ...[...Map.groupBy(absent, ({ reason }) => reason)].map(([reason, missing]) =>
      folded(`not compared (${reason}): ${missing.map(({ title }) => title).join(", ")}`),
    ),
  ].join("\n")

const refusal = ({ a, b, reasons }: NotComparable): string => {
  const missing = [...new Set(reasons.flatMap(({ across }) => across ?? []))]
  const cure = reasons.every(({ across }) => across !== undefined)
    ? `To compare them anyway: --across ${missing.join(",")}`
    : "They can't be compared."
  return [`${a} and ${b} are not compared:`, ...reasons.map(({ detail }) => `  ${detail}`), `  ${cure}`].join("\n")
}
