import type { RunRecord } from "@rigbook/core"
import { Order } from "effect"

/** By the time of their start, then by id: one order, however the records were found. */
export const inTime = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> =>
  records.toSorted((a, b) => Order.String(a.startedAt, b.startedAt) || Order.String(a.id, b.id))
