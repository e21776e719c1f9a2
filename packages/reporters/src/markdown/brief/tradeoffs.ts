import type { RunRecord } from "@rigbook/core"
import { scenarioName, weightsName } from "@rigbook/core"
import { byRecord, lossTradeoffsOf, worstBySetup } from "@rigbook/registry"
import { metricOf } from "@rigbook/records"
import { MISSING } from "../../format.ts"
import { ratioOf, ratioText } from "../../Ratio.ts"
import { shortRigName } from "../../Rig.ts"
import { TOLERANCE } from "../../Scaling.ts"
import { type Tradeoff, tradeoffsOf } from "../../Tradeoffs.ts"
import { agreementText } from "../equivalence.ts"
import { blocks, text } from "../escape.ts"
import type { RecordColumn } from "../overview.ts"
import { table } from "../table.ts"
import type { Brief } from "./Brief.ts"
import { uncertainColumns } from "./cells.ts"
import { conclusionOf } from "./conclusions.ts"
import { picture } from "./picture.ts"
import { stepName } from "../../StepName.ts"

const RULE =
  "In each table only the named factor differs. Ratios are Hodges–Lehmann with 95 % intervals: **faster** or **slower** where the " +
  `interval excludes 1 and the change is ${100 * TOLERANCE} % or more, **same** within ± ${100 * TOLERANCE} %, otherwise **inconclusive**. ` +
  "With ▲ on either side a ratio is a hint, not a finding. Every comparison of a model is on its page."

/** What one gains and loses by a quantization, a longer context, more load, another engine; each with a conclusion. */
export const tradeoffsSection = (brief: Brief): string => {
  const kinds = tradeoffsOf(brief.registry)
  const losses = lossTradeoffsOf(brief.registry.entries)
  return kinds.length === 0
    ? ""
    : blocks(
        "## Trade-offs",
        RULE,
        ...kinds.map((tradeoffs) =>
          blocks(
            `### ${tradeoffs[0]!.title}`,
            ...tradeoffs.map((tradeoff, index) =>
              blocks(
                `**Conclusion:** ${conclusionOf(tradeoff, losses)}`,
                index === 0 ? plotOf(brief, tradeoff) : "",
                tradeoffTable(brief, tradeoff),
              ),
            ),
          ),
        ),
      )
}

const plotOf = ({ plots }: Brief, { by, title }: Tradeoff): string =>
  plots.has(by) ? picture(by, `${title}: the figures are in the table below, with their intervals`) : ""

const tradeoffTable = (brief: Brief, tradeoff: Tradeoff): string => {
  const { isLoad, records, speed } = tradeoff
  const [base] = records
  const { task } = base.cell
  const figures = uncertainColumns("sizes", isLoad ? "load" : task, records, brief.registry.metrics)
  const memory = metricOf("memory", task).id
  const at = figures.findIndex(({ metric }) => metric === memory)
  const first = at === -1 ? figures : figures.slice(0, at)
  return table(
    [
      { header: "verdict", cell: brief.references.mark },
      named(brief, tradeoff),
      ...first.slice(0, 3),
      { header: `${text(titleOf(base, speed))} vs first`, cell: (record) => against(base, record, speed) },
      ...(at === -1 ? [] : figures.slice(at, at + 1)),
      ...(tradeoff.by === "engine" ? [answersColumn(brief, base)] : []),
    ] satisfies ReadonlyArray<RecordColumn>,
    records,
  )
}

const titleOf = ({ values }: RunRecord, metric: string): string =>
  values.find((value) => value.metric === metric)?.title.toLowerCase() ?? metric

const against = (base: RunRecord, record: RunRecord, speed: string): string => {
  if (record === base) return "base"
  const ratio = ratioOf(base, record, speed)
  return ratio === undefined ? MISSING : ratioText(ratio)
}

const named = (brief: Brief, tradeoff: Tradeoff): RecordColumn => {
  const [base] = tradeoff.records
  return {
    header: text(titleOfTable(brief, tradeoff)),
    cell: (record) => text(stepName(tradeoff, record, base)),
  }
}

/** What all rows have alike. Not escaped. */
const titleOfTable = (brief: Brief, { by, records: [base] }: Tradeoff): string => {
  const family = brief.familyOf(base).name
  const scenario = scenarioName(base.cell.scenario)
  const rig =
    new Set(brief.records.map(({ cell }) => cell.host.fingerprint)).size > 1 ? `, ${shortRigName(base.cell.host)}` : ""
  if (by === "quantization") return `${family}, ${base.cell.backend}, ${scenario}${rig}`
  if (by === "engine") return `${family}, ${scenario}${rig}`
  return `${family}, ${weightsName(base.cell.model)}, ${base.cell.backend}${rig}`
}

/** Whether an engine answers as the first one does. */
const answersColumn = ({ registry: { equivalences } }: Brief, base: RunRecord): RecordColumn => {
  const pairs = byRecord(equivalences)
  return {
    header: "answers as the first",
    cell: (record) => {
      if (record === base) return "base"
      const shared = (pairs.get(record.id) ?? []).filter(({ records }) => records.some(({ id }) => id === base.id))
      const [worst] = worstBySetup(shared)
      return worst === undefined ? MISSING : agreementText(worst)
    },
  }
}
