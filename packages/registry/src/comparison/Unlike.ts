import { scenarioName, type Truncation } from "@rigbook/core"
import type { Comparable } from "./Comparable.ts"
import { hostDifferences } from "./HostDifferences.ts"

/** What two records may differ in and still be compared, if requested. */
export const CROSSINGS = ["host", "workload", "verdict"] as const
/** Differences between two records that a comparison can accept. */
export type Crossing = (typeof CROSSINGS)[number]

/** Why two records can't be compared. Without `across` no option makes it meaningful. */
export interface Unlike {
  readonly across?: Crossing
  readonly detail: string
}

/** All differences between two records that make comparing their figures meaningless. */
export const unlike = (a: Comparable, b: Comparable): ReadonlyArray<Unlike> => [
  ...(a.cell.task === b.cell.task ? [] : [{ detail: `one measures ${a.cell.task}, the other ${b.cell.task}` }]),
  ...(a.cell.host.fingerprint === b.cell.host.fingerprint
    ? []
    : [
        {
          across: "host" as const,
          detail: hostsDetail(a, b),
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

/** Which hosts two records ran on, and what is known to differ between them. Pure. */
export const hostsDetail = (a: Comparable, b: Comparable): string =>
  [
    `they ran on different hosts, ${a.cell.host.fingerprint} and ${b.cell.host.fingerprint}`,
    ...(a.cell.host.devices === undefined || b.cell.host.devices === undefined ? [] : [differences(a, b)]),
  ].join(": ")

const differences = (a: Comparable, b: Comparable): string => hostDifferences(a, b).join("; ") || "machines of one kind"

/** Documents that are shorter in one of the two: their figures are for different work. */
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

/** The same for documents that were truncated alike. */
const limitOf = (record: Comparable): unknown =>
  !isCut(record) || record.truncation === undefined || "unknown" in record.truncation
    ? undefined
    : (record.truncation.maxLength ?? Math.round(record.truncation.tokens / record.truncation.of))

const cutOf = (cut: Truncation | undefined): string => {
  if (cut === undefined || "unknown" in cut) return "not checked"
  if (cut.tokens === 0) return "not truncated"
  const { maxLength, ofTokens, tokens } = cut
  const to = maxLength === undefined ? "" : ` to ${maxLength} tokens (maxLength)`
  return `truncated${to}${ofTokens === undefined ? "" : `, which dropped ${Math.round((100 * tokens) / ofTokens)} % of their tokens`}`
}

const workload = ({ cell: a }: Comparable, { cell: b }: Comparable): ReadonlyArray<Unlike> => {
  const [nameA, nameB] = [scenarioName(a.scenario), scenarioName(b.scenario)]
  const detail =
    nameA !== nameB
      ? `they ran different scenarios, ${nameA} and ${nameB}`
      : JSON.stringify(a.scenario) !== JSON.stringify(b.scenario)
        ? `their scenarios ${nameA} differ in a setting`
        : a.prompts.sha256 !== b.prompts.sha256
          ? `the prompts of ${nameA} were changed between them`
          : a.reference?.sha256 !== b.reference?.sha256
            ? `the reference of ${nameA} was changed between them`
            : undefined
  return detail === undefined ? [] : [{ across: "workload", detail }]
}
