import type { ImportedFigure, ImportedResult } from "@rigbook/core"
import { valuesNeeded } from "@rigbook/records"

interface Given {
  readonly n: number
  readonly p95?: number | undefined
  readonly p99?: number | undefined
}

/** The percentiles that so many requests can tell, and those that were left out. */
export const tellable = (name: string, { n, p95, p99 }: Given) => {
  const leftOut: Array<ImportedResult["leftOut"][number]> = []
  const kept = (quantile: number, value: number | undefined): number | undefined => {
    if (value === undefined || n >= valuesNeeded(quantile)) return value
    leftOut.push({
      name: `${name} p${100 * quantile}`,
      reason: `it takes ${valuesNeeded(quantile)} requests, there were ${n}`,
    })
    return undefined
  }
  const [at95, at99] = [kept(0.95, p95), kept(0.99, p99)]
  const percentiles: Pick<ImportedFigure, "p95" | "p99"> = {
    ...(at95 === undefined ? {} : { p95: at95 }),
    ...(at99 === undefined ? {} : { p99: at99 }),
  }
  return { percentiles, leftOut }
}
