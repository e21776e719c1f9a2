import type { Registry, RunRecord } from "@rigbook/core"
import { scenarioName, visible, weightsName } from "@rigbook/core"
import { estimatesOf, originOfHost } from "@rigbook/records"
import { utcDate } from "../../format.ts"
import { href } from "../../markdown/escape.ts"
import { addressOf } from "../../markdown/figures.ts"
import { failureName, placementName } from "../../names.ts"
import { relativePath, reportPath } from "../../paths.ts"
import type { PageData } from "../PageData.ts"
import type { PageRun } from "../PageRun.ts"
import { bitsOf } from "./model.ts"
import { deviceMemory, pageEstimate } from "./memory.ts"
import { type Parts, qualityOf } from "./parts.ts"
import { runReason } from "./reasons.ts"
import { pageValue } from "./values.ts"

/** What a run is shown with. */
export interface Around extends Pick<Registry, "reports" | "stale">, Pick<PageData, "reasons"> {
  /** Of the page. */
  readonly folder: string
  readonly parts: Parts
}

export const pageRun = (record: RunRecord, { folder, parts, reasons, reports, stale }: Around): PageRun => {
  const origin = originOfHost(record.cell.host)
  const outdated = stale.get(record.id)
  const { cell, id, startedAt, values, verdict } = record
  const failure = failureName(record)
  const memory = deviceMemory(record)
  const quality = qualityOf(record)
  const estimates = estimatesOf(record).flatMap((estimate) => pageEstimate(record, estimate))
  return {
    id,
    model: cell.config.id,
    name: visible(cell.config.name),
    task: cell.task,
    backend: visible(cell.backend),
    runtime: visible(`${cell.runtime.program} ${cell.runtime.version}`),
    placement: visible(placementName(record)),
    host: visible(cell.host.fingerprint),
    ...(origin === undefined ? {} : { origin: visible(origin) }),
    scenario: visible(scenarioName(cell.scenario)),
    quantization: visible(weightsName(cell.model)),
    weights: visible(cell.model.quantization),
    ...(cell.model.parameters === undefined ? {} : { parameters: cell.model.parameters }),
    ...bitsOf(cell.model),
    started: visible(utcDate(startedAt)),
    verdict: verdict.status,
    reasons: verdict.reasons.map((reason) => runReason(reason, reasons)),
    ...(failure === undefined ? {} : { failure: visible(failure) }),
    ...(outdated === undefined ? {} : { stale: outdated.map(visible) }),
    href: addressOf(record, folder),
    ...(reports.has(id) ? { report: href(relativePath(folder, reportPath(record))) } : {}),
    ...(memory === undefined ? {} : { memory }),
    ...(estimates.length === 0 ? {} : { estimates }),
    ...parts.of(record),
    ...(quality === undefined ? {} : { quality }),
    values: Object.fromEntries(values.map((value) => [value.metric, pageValue(value)])),
  }
}
