import { type Backends, bytesOf, type PlannedEstimate, type PlannedModel, scenarioName } from "@rigbook/core"
import type { ConfigIssue, ReadOutline, Workspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { readHostDescription } from "../host/HostDescription.ts"
import type { RatesByName } from "../host/Rates.ts"
import { assemblePlan } from "./Assemble.ts"
import type { Facts } from "./Facts.ts"
import type { PlannedCell } from "./PlannedCell.ts"
import { forBackend } from "./Served.ts"
import { gatherFacts } from "./Gather.ts"
import { valueOf } from "./Known.ts"

/**
 * Planned models with the memory that they need on the host that each config names. Estimated only from what the
 * workspace itself holds, the description of the host and of the model's shape: the same files give the same estimate
 * on any machine, with no engine, no weights and no network. Fails with `ConfigError` where the description of a host
 * is wrong, with `PlatformError` if the folder of descriptions can't be read; mistakes in a config are among the
 * `issues`.
 */
export const estimatePlanned = Effect.fn("EstimatePlanned.estimatePlanned")(function* <R>(
  workspace: Workspace,
  outlines: ReadonlyArray<ReadOutline>,
  backends: Backends<R>,
) {
  const estimated = yield* Effect.forEach(outlines, (outline) => plannedModel(workspace, outline, backends))
  return {
    planned: estimated.flatMap(({ model }) => (model === undefined ? [] : [model])),
    issues: estimated.flatMap(({ issues }) => issues),
  }
})

const plannedModel = Effect.fnUntraced(function* <R>(
  workspace: Workspace,
  outline: ReadOutline,
  backends: Backends<R>,
) {
  const { id, license, name, path, planned, read, source, task } = outline
  if (planned === undefined) return { model: undefined, issues: [] }
  const given = { status: "planned" as const, id, name, path, task, ...(license === undefined ? {} : { license }) }
  const without = (absent: string, issues: ReadonlyArray<ConfigIssue> = []) => ({
    model: { ...given, ...planned, estimates: { absent } } satisfies PlannedModel,
    issues,
  })
  if (planned.host === undefined) return without("the config names no host to plan for (planned.host)")
  if (!("synthetic" in source))
    return without(`the config describes no shape: rigbook plan ${id} --host ${planned.host} reads the model's headers`)
  const host = yield* describedHost(workspace, planned.host)
  if (host === undefined) return without(`benchmarks/configs/hosts has no description of the host ${planned.host}`)
  const input = { workspace, backends, host, reach: "headers", records: [], overheads: [], rates: NO_RATES } as const
  const facts = yield* gatherFacts(read, input)
  const { broken, cells } = assemblePlan(worstCase(facts))
  const issues = [...facts.issues, ...facts.missing, ...broken]
  if (cells.length === 0) return without("the config can't be planned: rigbook plan says why", issues)
  const model: PlannedModel = { ...given, ...planned, estimates: largest(cells).map(estimate) }
  return { model, issues }
})

/** The registry holds what a model can need at most, whatever the prompts. */
const worstCase = <R>(facts: Facts<R>): Facts<R> => ({
  ...facts,
  prompts: new Map([...facts.prompts].map(([index, set]) => [index, { ...set, prompts: [] }])),
})

/** Speeds are no part of the registry's estimates. */
const NO_RATES: RatesByName = new Map()

const describedHost = Effect.fnUntraced(function* ({ hosts }: Workspace, name: string) {
  const fs = yield* FileSystem.FileSystem
  for (const ending of ["yaml", "yml"]) {
    const path = join(hosts, `${name}.${ending}`)
    if (yield* fs.exists(path)) return yield* readHostDescription(path, `benchmarks/configs/hosts/${name}.${ending}`)
  }
  return undefined
})

/** For each backend and each requested placement, the scenario that needs most. */
const largest = <R>(cells: ReadonlyArray<PlannedCell<R>>): ReadonlyArray<PlannedCell<R>> =>
  [...Map.groupBy(cells, ({ backend, requested }) => JSON.stringify([backend, requested])).values()].map((alike) =>
    alike.reduce((most, next) => (next.whole.totalBytes > most.whole.totalBytes ? next : most)),
  )

const estimate = <R>({
  backend,
  demand,
  host,
  longestContext,
  model,
  placement: placed,
  refused,
  scenario,
  whole,
}: PlannedCell<R>): PlannedEstimate => {
  const placement = valueOf(placed)
  const { bitsPerWeight, parameters } = forBackend(model) // of a described shape, so they are there
  return {
    backend,
    scenario: scenarioName(scenario),
    quantization: model.quantization,
    parameters,
    bitsPerWeight,
    ...(placement === undefined ? {} : { placement }),
    refused,
    devices: demand.map(({ device: id, parts }) => {
      const device = host.devices.find((candidate) => candidate.id === id)
      return {
        device: id,
        name: device?.name ?? id,
        bytes: bytesOf(parts),
        ...(device?.freeBytes === undefined ? {} : { freeBytes: device.freeBytes }),
        parts,
      }
    }),
    bytes: demand.length === 0 ? whole.totalBytes : demand.reduce((sum, { parts }) => sum + bytesOf(parts), 0),
    longestContext,
  }
}
