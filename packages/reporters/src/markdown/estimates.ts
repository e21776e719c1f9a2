import type { Estimate, RunRecord } from "@rigbook/core"
import { estimatesOf } from "@rigbook/records"
import { bytes, errorText } from "../format.ts"
import { deviceName } from "../names.ts"
import { memoryUnit } from "../Uncertain.ts"
import { text } from "./escape.ts"
import { type Column, table } from "./table.ts"

/** Each device's memory as estimated before the run, and as observed; empty if nothing was estimated. */
export const estimatesTable = (record: RunRecord): string => {
  const estimates = estimatesOf(record)
  const unit = memoryUnit(estimates.flatMap((of) => [of.bytes, "value" in of.found ? of.found.value : undefined]))
  const columns: ReadonlyArray<Column<Estimate>> = [
    { header: "device", cell: ({ device }) => text(deviceName(record.cell.host, device)) },
    { header: "part", cell: ({ parts }) => text(parts.join(" + ")) },
    { header: "estimate", align: "right", cell: (estimate) => bytes(estimate.bytes, unit) },
    {
      header: "found",
      align: "right",
      cell: ({ found }) => ("value" in found ? bytes(found.value, unit) : text(found.absent)),
    },
    { header: "error", align: "right", cell: errorOf },
    { header: "basis", cell: ({ basis }) => basis },
  ]
  return estimates.length === 0 ? "" : table(columns, estimates)
}

const errorOf = ({ error }: Estimate): string => ("absent" in error ? "–" : errorText(error.value))
