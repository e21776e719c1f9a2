import { type CellSpec, FILE_LIMITS, placementName, readText, scenarioName } from "@rigbook/core"
import { ownMark } from "@rigbook/core/engine"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { writeAtomically } from "../workspace/WriteAtomically.ts"

/** What the current run will measure, for observers: benchmarks/results/run.<host>.json, one for each machine. */
export const RunPlan = Schema.Struct({
  schema: Schema.Literal(1),
  startedAt: Schema.String,
  /** Whether cells with a current record are measured again. */
  fresh: Schema.Boolean,
  cells: Schema.Array(
    Schema.Struct({
      identity: Schema.NonEmptyString,
      /** The model's name, backend, placement and scenario. */
      name: Schema.NonEmptyString,
      backend: Schema.NonEmptyString,
      placement: Schema.NonEmptyString,
      scenario: Schema.NonEmptyString,
    }),
  ),
})
export type RunPlan = typeof RunPlan.Type

const decodePlan = Schema.decodeUnknownEffect(Schema.fromJsonString(RunPlan))
const planPath = (results: string, host: string): string => join(results, `run.${host}.json`)

/**
 * Keeps the plan of a run beside its lock until the scope closes. Fails with `PlatformError` where it can't be written.
 */
export const keepRunPlan = Effect.fn("RunPlan.keepRunPlan")(function* (
  results: string,
  cells: ReadonlyArray<CellSpec>,
  { fresh, startedAt }: { readonly fresh: boolean; readonly startedAt: string },
) {
  const fs = yield* FileSystem.FileSystem
  const runPlan: RunPlan = {
    schema: 1,
    startedAt,
    fresh,
    cells: cells.map(({ backend, config, identity, placement, scenario }) => ({
      identity,
      name: config.name,
      backend,
      placement: placementName(placement),
      scenario: scenarioName(scenario),
    })),
  }
  const path = planPath(results, ownMark().host)
  yield* Effect.acquireRelease(writeAtomically(path, `${JSON.stringify(runPlan)}\n`), () =>
    Effect.ignore(fs.remove(path, { force: true })),
  )
})

/** The plan that a machine's run left beside its lock; `undefined` if there is none, or an invalid one. */
export const readRunPlan = Effect.fn("RunPlan.readRunPlan")(function* (results: string, host: string) {
  return yield* readText(planPath(results, host), FILE_LIMITS.small).pipe(
    Effect.flatMap(decodePlan),
    Effect.orElseSucceed(() => undefined),
  )
})
