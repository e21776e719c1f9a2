import type { Metric, Role, Task } from "@rigbook/core"
import { METRICS } from "./Metrics.ts"

/** Those that have a role, in their order. */
export const withRole = (role: Role, metrics: ReadonlyArray<Metric> = METRICS): ReadonlyArray<Metric> =>
  metrics.filter(({ roles = [] }) => roles.includes(role))

/** Roles that one metric of each task has. */
export type SoleRole = Exclude<Role, "compared" | "headline">

/** Rigbook's metric of a role, for a task. */
export const metricOf = (role: SoleRole, task: Task): Metric =>
  withRole(role).find(({ tasks }) => tasks.includes(task))!
