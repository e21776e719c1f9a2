import { scenarioName, type Truncation } from "@rigbook/core"
import type { Comparable } from "./Comparable.ts"

/** What two records may differ in and still be compared, when somebody says so. */
export const CROSSINGS = ["host", "workload", "verdict"] as const
/** In what two records may be unlike and be compared all the same. */
export type Crossing = (typeof CROSSINGS)[number]

/** Why two records can't be compared. Without `across` nothing that one can say makes it sensible. */
export interface Unlike {
  readonly across?: Crossing
  readonly detail: string
}

/** All in which two records are so unlike that a difference of their figures would say nothing. */
export const unlike = (a: Comparable, b: Comparable): ReadonlyArray<Unlike> => [
  ...(a.cell.task === b.cell.task ? [] : [{ detail: `one has to ${a.cell.task}, the other to ${b.cell.task}` }]),
  ...(a.cell.host.fingerprint === b.cell.host.fingerprint
    ? []
    : [
        {
          across: "host" as const,
          detail: `they ran on different hosts, ${a.cell.host.fingerprint} and ${b.cell.host.fingerprint}`,
        },
      ]),
  ...workload(a, b),
  ...truncation(a, b),
  ...[a, b]
    .filter(({ verdict }) => verdict.status === "invalid")
    .map(({ id, verdict }) => ({
      across: "verdict" as const,
      detail: `${id} is invalid: ${verdict.reasons.map(({ code }) => code).join(", ")}`,
    })),
]

/** Documents that one of the two got shorter than the other: their figures are of different work. */
const truncation = (a: Comparable, b: Comparable): ReadonlyArray<Unlike> => {
  const [limitA, limitB] = [a, b].map(limitOf)
  if (limitA === limitB || !(isCut(a) || isCut(b))) return []
  return [
    {
      across: "workload",
      detail: `the documents of ${a.id} were ${cutOf(a.truncation)}; those of ${b.id} were ${cutOf(b.truncation)}`,
    },
  ]
}

const isCut = ({ truncation: cut }: Comparable): boolean => cut !== undefined && "tokens" in cut && cut.tokens > 0

/** The same of documents that were cut alike. */
const limitOf = (record: Comparable): unknown =>
  !isCut(record) || record.truncation === undefined || "unknown" in record.truncation
    ? undefined
    : (record.truncation.maxLength ?? Math.round(record.truncation.tokens / record.truncation.of))

const cutOf = (cut: Truncation | undefined): string => {
  if (cut === undefined || "unknown" in cut) return "not looked at"
  if (cut.tokens === 0) return "not cut"
  const { maxLength, ofTokens, tokens } = cut
  const to = maxLength === undefined ? "" : ` to ${maxLength} tokens (maxLength)`
  return `cut${to}${ofTokens === undefined ? "" : `, which dropped ${Math.round((100 * tokens) / ofTokens)} % of their tokens`}`
}

const workload = ({ cell: a }: Comparable, { cell: b }: Comparable): ReadonlyArray<Unlike> => {
  const [nameA, nameB] = [scenarioName(a.scenario), scenarioName(b.scenario)]
  const detail =
    nameA !== nameB
      ? `they were asked for different things, ${nameA} and ${nameB}`
      : JSON.stringify(a.scenario) !== JSON.stringify(b.scenario)
        ? `their scenarios ${nameA} differ in a setting`
        : a.prompts.sha256 !== b.prompts.sha256
          ? `the prompts of ${nameA} were changed between them`
          : undefined
  return detail === undefined ? [] : [{ across: "workload", detail }]
}
