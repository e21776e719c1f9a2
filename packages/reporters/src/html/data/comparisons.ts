import { raisedOf, scenarioName, visible } from "@rigbook/core"
import { runtimeName } from "../../names.ts"
import { capitalized } from "../../format.ts"
import { shortRigName } from "../../Rig.ts"
import { compare } from "../../Scaling.ts"
import { type SideBySide, speedOf } from "../../SideBySide.ts"
import type { PageComparison } from "../PageData.ts"
import { rounded } from "../rounded.ts"

/** Tables of runs that differ in one thing only. */
export const pageComparisons = (sides: ReadonlyArray<SideBySide>): ReadonlyArray<PageComparison> => {
  const isOne = isOneRig(sides)
  return namedApart(sides.map((side) => pageComparison(side, isOne)))
}

/** One machine needs no name. */
const isOneRig = (sides: ReadonlyArray<SideBySide>): boolean =>
  new Set(sides.map(({ records: [base] }) => base.cell.host.fingerprint)).size < 2

const pageComparison = ({ family, records, varying }: SideBySide, isOne: boolean): PageComparison => {
  const [base] = records
  const { backend, config, host, scenario, task } = base.cell
  const { head, shelf, title } = varying
  const setup = head === undefined ? `${family}, ${scenarioName(scenario)}` : `${config.name}, ${scenario.kind}`
  return {
    title,
    ...(head === undefined ? {} : { head: capitalized(head) }),
    shelf: shelf ?? task,
    name: visible(`${setup}, ${backend} (${runtimeName(base)})${isOne ? "" : `, ${shortRigName(host)}`}`),
    runs: records.map((record) => {
      const { compared } = compare(base, record, speedOf(varying, task))
      return {
        run: record.id,
        ...(head === undefined ? {} : { size: raisedOf(record.cell.scenario)! }),
        ...(compared === undefined ? {} : { ratio: rounded(compared.ratio), judgement: compared.judgement }),
      }
    }),
  }
}

/**
 * Two that differ in something that is not in the name, such as an option, are numbered: to a screen reader the name is
 * all.
 */
const namedApart = (comparisons: ReadonlyArray<PageComparison>): ReadonlyArray<PageComparison> => {
  const counts = new Map<string, number>()
  return comparisons.map((comparison) => {
    const count = (counts.get(comparison.name) ?? 0) + 1
    counts.set(comparison.name, count)
    return count === 1 ? comparison : { ...comparison, name: `${comparison.name} (${count})` }
  })
}
