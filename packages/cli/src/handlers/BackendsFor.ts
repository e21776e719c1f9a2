import { readRecords, type Workspace } from "@rigbook/records"
import { planFiles } from "@rigbook/runner"
import { Effect } from "effect"
import { usageFailure } from "../Failure.ts"
import { hostHere } from "../Plugins.ts"
import { knownRates } from "./NamedHost.ts"
import type { NamedModel } from "./PlanTargets.ts"
import { suitedTo } from "./Readers.ts"

/**
 * The backends for a model that no config names: those that read its files as they are, in which it fits on this machine and
 * whose engines are installed. Where no engine is, the first, which `toSetUp` names. Fails where it fits in none.
 */
export const backendsFor = Effect.fn("BackendsFor.backendsFor")(function* (
  model: NamedModel,
  workspace: Workspace | undefined,
) {
  const { backends, scenario, task } = yield* suitedTo(model)
  const native = backends.filter((each) => each.model.unpackedFrom === undefined)
  const input = {
    ...model,
    scenario,
    reach: "here" as const,
    host: yield* hostHere,
    records: workspace === undefined ? [] : (yield* readRecords(workspace.raw)).records,
    rates: yield* knownRates(workspace),
  }
  const plans = yield* Effect.forEach(native.length > 0 ? native : backends, (each) =>
    Effect.map(planFiles({ ...input, backend: each.backend, options: each.options }), (plan) => ({ ...each, ...plan })),
  )
  const fitting = plans.filter(({ cells }) => cells.some(({ placement }) => "value" in placement))
  const ready = fitting.filter(({ cells }) => cells.every(({ failure }) => failure === undefined))
  const [first, ...rest] = ready.length > 0 ? ready : fitting.slice(0, 1)
  if (first !== undefined)
    return { task, chosen: [first, ...rest] as const, toSetUp: ready.length > 0 ? [] : [first.backend.id] }
  const why = plans.flatMap(({ cells, issues, missing }) => [
    ...cells.flatMap(({ placement }) => ("absent" in placement ? [placement.absent] : [])),
    ...[...issues, ...missing].map(({ message }) => message),
  ])
  return yield* usageFailure(
    [
      `${model.name} can't run on this machine:`,
      ...new Set(why.map((reason) => `  ${reason}`)),
      "What it needs is shown by `rigbook plan`; --host is for another machine.",
    ].join("\n"),
  )
})
