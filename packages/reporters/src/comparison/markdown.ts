import type { Comparison, Gate, MetricComparison, NotComparable, RecordComparison } from "@rigbook/registry"
import { figure, MISSING, significant, withUnit } from "../format.ts"
import { blocks, list, sentence, text } from "../markdown/escape.ts"
import type { Column } from "../markdown/table.ts"
import { table } from "../markdown/table.ts"
import { type MemoryUnit, memoryUnit } from "../Uncertain.ts"
import { changeText, pText } from "./change.ts"

/** A comparison as a page, such as for a pull request: what got worse first. */
export const comparisonPage = (comparison: Comparison, gate?: Gate): string => {
  const { level, onlyInA, onlyInB, records, refused, threshold } = comparison
  return `${blocks(
    "# Comparison",
    gate === undefined ? "" : gateLine(gate),
    ...records.map(recordSection),
    refused.length === 0 ? "" : blocks("## Not compared", list(refused.map(refusedLine))),
    onlyInA.length === 0 ? "" : `Only in a: ${onlyInA.map(text).join(", ")}.`,
    onlyInB.length === 0 ? "" : `Only in b: ${onlyInB.map(text).join(", ")}.`,
    `A metric differs if the Mann–Whitney test gives p < ${level} after Holm's correction over all metrics above, and it ` +
      `changed by ${significant(100 * threshold, 2)} % or more. The change is the Hodges–Lehmann shift with its 95 % interval; ` +
      "the last column is the smallest change that this many trials would detect in four of five repetitions." +
      (records.some(({ metrics }) => metrics.some(({ paired }) => paired !== undefined))
        ? " Figures of quality are compared query by query: the change, its interval and p are those of a paired bootstrap."
        : ""),
  )}\n`
}

const gateLine = ({ reasons, status }: Gate): string => {
  const word = { passed: "passed", regression: "found a regression", unknown: "is inconclusive" }[status]
  return blocks(`The gate **${word}**.`, list(reasons.map(sentence)))
}

const recordSection = ({ a, absent, b, caveats, metrics, names }: RecordComparison): string =>
  blocks(
    `## ${text(names[1])}`,
    list([
      `a: ${text(a)}${names[0] === names[1] ? "" : `, ${text(names[0])}`}`,
      `b: ${text(b)}`,
      ...caveats.map(sentence),
    ]),
    table(
      COLUMNS,
      metrics.toSorted((one, other) => ORDER.indexOf(one.word) - ORDER.indexOf(other.word)),
    ),
    list(absent.map(({ reason, title }) => `${text(title)} is not compared: ${sentence(reason)}`)),
  )

const ORDER: ReadonlyArray<string> = ["worse", "better", "too few trials to tell", "no difference found"]

/** Both in one unit. */
const memoryOf = ({ a, b }: MetricComparison): MemoryUnit => memoryUnit([a.median, b.median])

const COLUMNS: ReadonlyArray<Column<MetricComparison>> = [
  { header: "metric", cell: ({ better, title, unit }) => `${text(withUnit(title, unit))}, ${better} is better` },
  { header: "a", align: "right", cell: (of) => figure(of.a.median, of.unit, memoryOf(of)) },
  { header: "b", align: "right", cell: (of) => figure(of.b.median, of.unit, memoryOf(of)) },
  {
    header: "trials",
    align: "right",
    cell: ({ a, b, paired }) => (paired === undefined ? `${a.n}, ${b.n}` : `${paired} pairs`),
  },
  { header: "change", align: "right", cell: changeText },
  { header: "p (Holm)", align: "right", cell: ({ pAdjusted }) => pText(pAdjusted) },
  { header: "", cell: ({ word }) => (word === "worse" || word === "better" ? `**${word}**` : word) },
  {
    header: "detectable",
    align: "right",
    cell: ({ detectable }) => (detectable === undefined ? MISSING : `${significant(100 * detectable, 2)} %`),
  },
]

const refusedLine = ({ a, b, reasons }: NotComparable): string =>
  `${text(a)} and ${text(b)}: ${reasons.map(({ detail }) => text(detail)).join("; ")}.`
