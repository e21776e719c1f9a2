import type { Comparison, MetricComparison, NotComparable, RecordComparison } from "@rigbook/registry"
import { figure } from "../format.ts"
import { changeText, pText } from "./change.ts"

/**
 * A comparison as JUnit XML, which CI systems show: a suite for each pair of records, a case for each metric. Worse is
 * a failure, an inconclusive metric is skipped, and records that can't be compared are an error.
 */
export const comparisonJunit = ({ onlyInA, records, refused }: Comparison): string => {
  const suites = [
    ...records.map(recordSuite),
    ...(refused.length + onlyInA.length === 0
      ? []
      : [suite("not compared", [...refused.map(refusedCase), ...onlyInA.map(missingCase)])]),
  ]
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...element("testsuites", { name: "rigbook compare" }, suites)]
    .join("\n")
    .concat("\n")
}

type Lines = ReadonlyArray<string>

interface Case {
  readonly name: string
  readonly kind?: "failure" | "skipped" | "error"
  readonly message?: string
}

const recordSuite = ({ absent, metrics, names }: RecordComparison): Lines =>
  suite(names[1], [
    ...metrics.map(metricCase),
    ...absent.map(({ reason, title }): Case => ({ name: title, kind: "skipped", message: reason })),
  ])

const metricCase = (metric: MetricComparison): Case => {
  const { a, b, pAdjusted, title, unit, word } = metric
  const show = (value: number): string => `${figure(value, unit)}${unit === "B" ? "" : ` ${unit}`}`
  const message = `${word}: ${show(a.median)} to ${show(b.median)}, ${changeText(metric)}, p = ${pText(pAdjusted)}`
  if (word === "worse") return { name: title, kind: "failure", message }
  return word === "too few trials to tell" ? { name: title, kind: "skipped", message } : { name: title }
}

const refusedCase = ({ a, b, reasons }: NotComparable): Case => ({
  name: `${a} and ${b}`,
  kind: "error",
  message: reasons.map(({ detail }) => detail).join("; "),
})

const missingCase = (id: string): Case => ({ name: id, kind: "error", message: "it has no counterpart" })

const suite = (name: string, cases: ReadonlyArray<Case>): Lines => {
  const count = (kind: Case["kind"]) => String(cases.filter((one) => one.kind === kind).length)
  return element(
    "testsuite",
    {
      name,
      tests: String(cases.length),
      failures: count("failure"),
      errors: count("error"),
      skipped: count("skipped"),
    },
    cases.map(({ kind, message = "", name: title }) =>
      element(
        "testcase",
        { classname: name, name: title },
        kind === undefined
          ? []
          : [element(kind, kind === "failure" ? { message, type: "regression" } : { message }, [])],
      ),
    ),
  )
}

const element = (name: string, attributes: Readonly<Record<string, string>>, children: ReadonlyArray<Lines>): Lines => {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)].join(" ")
  return children.length === 0
    ? [`<${head}/>`]
    : [`<${head}>`, ...children.flat().map((line) => `  ${line}`), `</${name}>`]
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Any text as the value of an attribute; characters that XML can't hold become spaces. */
const escaped = (value: string): string =>
  value
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- control characters are what is taken out.
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, " ")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!)
