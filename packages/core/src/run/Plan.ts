import { Effect, FileSystem, Option, Predicate, Result, Schema } from "effect"
import { basename, dirname, join, relative } from "node:path"
import type { AnyBackend, Runtime } from "../Backend.ts"
import { type ConfigFile, decodeAt, readConfigFile } from "../config/ConfigFile.ts"
import type { ConfigIssue } from "../config/ConfigIssue.ts"
import { ModelConfig, type PlacementRequest } from "../config/ModelConfig.ts"
import { closestKey } from "../config/SchemaProblem.ts"
import type { Workspace } from "../config/Workspace.ts"
import type { Host } from "../host/Host.ts"
import type { PluginError } from "../Plugin.ts"
import { markedName, type ModelFiles } from "../model/Model.ts"
import { outlineModel } from "../model/ModelStore.ts"
import { placedDemand } from "../placement/PlacedDemand.ts"
import { requestIssues, resolvePlacement } from "../placement/ResolvePlacement.ts"
import { type PromptSet, readPromptSet, syntheticSet } from "../workload/PromptSet.ts"
import { promptSetOf, rungsOf, scenarioTask } from "../workload/Scenario.ts"
import { identityOf } from "./Identity.ts"
import { interleaved } from "./Interleave.ts"
import { addOnce, checkPlacements, type Chosen, hostOf, placesOf } from "./PlanPlacement.ts"
import type { CellSpec } from "./RunRecord.ts"

/** A cell that can be run: what it is, and the values that running it takes. */
export interface Cell<R = never> {
  readonly spec: CellSpec
  readonly backend: AnyBackend<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  /** What was planned by; the weights are brought here when the cell is run. */
  readonly files: ModelFiles
  readonly prompts: PromptSet
}

/** What would be run, and what stands in its way. */
export interface Plan<R = never> {
  readonly cells: ReadonlyArray<Cell<R>>
  /** All that is wrong with the configs on this machine. Their other cells are planned all the same. */
  readonly issues: ReadonlyArray<ConfigIssue>
}

/**
 * Finds the plugin for an id; loads it only then. `undefined` for an id that nobody has, an error where a plugin has it
 * and can't be used.
 */
export interface Backends<R = never> {
  readonly ids: ReadonlyArray<string>
  readonly get: (id: string) => Effect.Effect<AnyBackend<R> | undefined, PluginError>
}

/**
 * Turns configs into cells. Everything that can be known before a model is loaded is checked here: keys and
 * types, backends, options, model files, runtimes, devices, prompt sets. Models that travel in packages are
 * fetched.
 */
export const plan = Effect.fn("Plan.plan")(function* <R>(
  workspace: Workspace,
  configs: ReadonlyArray<string>,
  backends: Backends<R>,
  host: Host,
) {
  const plans = yield* Effect.forEach(configs, (path) => planConfig(workspace, path, backends, host))
  return {
    cells: plans.flatMap(({ cells }) => cells),
    issues: plans.flatMap(({ issues }) => issues.toSorted((a, b) => a.line - b.line || a.column - b.column)),
  } satisfies Plan<R>
})

const planConfig = Effect.fnUntraced(function* <R>(
  workspace: Workspace,
  path: string,
  backends: Backends<R>,
  host: Host,
) {
  const { chosen, input, issues } = yield* openConfig(workspace, path, backends, host)
  if (input === undefined) return { cells: [], issues }
  const promptSets = yield* readPromptSets(input)
  const files = yield* fetchFiles(input)
  const cells = yield* Effect.forEach(chosen, (one) => planBackend(input, one, files, promptSets))
  return { cells: interleaved(cells.flat()), issues }
})

/** A config with its backends, checked as far as that can be without its model; no `input` where it can't be gone on with. */
export const openConfig = Effect.fn("Plan.openConfig")(function* <R>(
  workspace: Workspace,
  path: string,
  backends: Backends<R>,
  host: Host,
) {
  const file = yield* readConfigFile(path, relative(workspace.root, path))
  if (file.syntax.length > 0) return { chosen: [], issues: [...file.syntax] }
  const decoded = decodeAt(file, [], ModelConfig, file.value)
  const issues = Result.isFailure(decoded) ? [...decoded.failure] : []
  // Backends and devices are looked at even where the rest is wrong, so that all is told at once.
  const chosen = yield* chooseBackends(file, backends, issues)
  checkPlacements(file, host, chosen, issues)
  if (Result.isFailure(decoded)) return { chosen, issues }
  const input: Input = { workspace, host, path, file, config: decoded.success, issues }
  return { chosen, input, issues }
})

const chooseBackends = Effect.fnUntraced(function* <R>(
  file: ConfigFile,
  { get, ids }: Backends<R>,
  issues: Array<ConfigIssue>,
) {
  const named = Predicate.hasProperty(file.value, "backends") ? file.value.backends : undefined
  if (!Predicate.isObject(named)) return []
  const chosen: Array<Chosen<R>> = []
  if (Object.keys(named).length === 0)
    issues.push(file.issue(["backends"], `name at least one backend; known are ${ids.join(", ")}`))
  for (const [id, value] of Object.entries(named)) {
    const at = ["backends", id]
    const loaded = yield* Effect.result(get(id))
    if (Result.isFailure(loaded)) {
      issues.push(file.issue(at, loaded.failure.message))
      continue
    }
    const backend = loaded.success
    if (backend === undefined) {
      issues.push(file.issue(at, unknownBackend(id, ids)))
      continue
    }
    const options = decodeAt(file, at, backend.config, value ?? {})
    if (Result.isFailure(options)) issues.push(...options.failure)
    else chosen.push({ backend, options: options.success })
  }
  return chosen
})

/** One config on one host, with all that is found wrong on the way. */
export interface Input {
  readonly workspace: Workspace
  readonly host: Host
  readonly path: string
  readonly file: ConfigFile
  readonly config: ModelConfig
  readonly issues: Array<ConfigIssue>
}

const readPromptSets = Effect.fnUntraced(function* ({ config, file, issues, workspace }: Input) {
  const sets = new Map<number, PromptSet>()
  for (const [index, scenario] of config.scenarios.entries()) {
    const task = scenarioTask(scenario)
    if (task !== config.task)
      issues.push(
        file.issue(
          ["scenarios", index, "kind"],
          `a ${scenario.kind} scenario asks to ${task}, the config's task is to ${config.task}`,
        ),
      )
    const name = promptSetOf(scenario)
    if (name === undefined) {
      sets.set(index, syntheticSet)
      continue
    }
    const set = yield* Effect.result(readPromptSet(name, join(workspace.prompts, `${name}.jsonl`)))
    if (Result.isSuccess(set)) sets.set(index, set.success)
    else {
      const { detail, path } = set.failure
      issues.push(file.issue(["scenarios", index, "prompts"], `${detail} (${relative(workspace.root, path)})`))
    }
  }
  return sets
})

/** What the model's facts are read from; `undefined` when they are not to be had, which is an issue by then. */
export const fetchFiles = Effect.fn("Plan.fetchFiles")(function* ({ config, file, issues, path }: Input) {
  const fs = yield* FileSystem.FileSystem
  const fetched = yield* Effect.result(outlineModel(config.name, config.source, dirname(path)))
  if (Result.isFailure(fetched)) {
    issues.push(file.issue(["source"], fetched.failure.message))
    return undefined
  }
  if (yield* Effect.orElseSucceed(fs.exists(fetched.success.path), () => false)) return fetched.success
  const where = "path" in config.source ? ["source", "path"] : ["source", "file"]
  issues.push(file.issue(where, `there is no model file ${fetched.success.path}`))
  return undefined
})

const planBackend = Effect.fnUntraced(function* <R>(
  input: Input,
  { backend, options }: Chosen<R>,
  files: ModelFiles | undefined,
  promptSets: ReadonlyMap<number, PromptSet>,
) {
  const { config, file, issues, path, workspace } = input
  const host = hostOf(input.host, { backend, options })
  const at = ["backends", backend.id]
  if (!backend.tasks.includes(config.task)) {
    issues.push(file.issue(at, `can't ${config.task}; it can ${backend.tasks.join(", ")}`))
    return []
  }
  const unfit = yield* backend.check(options)
  issues.push(...unfit.map((issue) => file.issue([...at, ...issue.path], issue.message)))
  // What is wrong with an option would only be told once more by the probe.
  const runtime = unfit.length > 0 ? undefined : yield* Effect.result(backend.probe(options))
  if (runtime !== undefined && Result.isFailure(runtime)) issues.push(file.issue(at, runtime.failure.message))
  const engine = runtime === undefined ? undefined : Option.getOrUndefined(Result.getSuccess(runtime))
  const read = files === undefined ? undefined : yield* Effect.result(readModel(backend, files, engine))
  if (read !== undefined && Result.isFailure(read))
    issues.push(file.issue("path" in config.source ? ["source", "path"] : ["source"], read.failure.message))
  if (read === undefined || Result.isFailure(read) || read.success === undefined || engine === undefined) return []
  const { model, prepared } = read.success
  const { sha256 } = model.unpackedFrom ?? model
  if ("path" in config.source && (config.source.sha256 ?? sha256) !== sha256) {
    issues.push(file.issue(["source", "sha256"], `the model's files have SHA-256 ${sha256}`))
    return []
  }
  const encodedOptions = yield* Effect.orDie(Schema.encodeEffect(backend.config)(options))
  const cells: Array<Cell<R>> = []
  const { contextLength } = model
  const scenarios = config.scenarios.flatMap((ladder, index) =>
    rungsOf(ladder, contextLength).map((scenario) => ({ scenario, prompts: promptSets.get(index) })),
  )
  for (const { prompts, scenario } of scenarios) {
    if (prompts === undefined || scenarioTask(scenario) !== config.task) continue
    const demand = backend.demand(model, options, scenario)
    for (const { at: where, requested } of placesOf<PlacementRequest>(config.placement)) {
      if (requestIssues(requested, host, backend.strategies).length > 0) continue
      const demandOf = placedDemand(backend, { model, config: options, scenario, host })
      const placement = resolvePlacement(
        requested,
        { host, model, demand, demandOf, config: options },
        backend.strategies,
      )
      if (Result.isFailure(placement)) {
        addOnce(issues, file.issue(where, placement.failure))
        continue
      }
      const spec: Omit<CellSpec, "identity"> = {
        config: {
          id: basename(path).replace(/\.ya?ml$/, ""),
          // Wherever a figure is shown, so is the model's name: random weights are told in it.
          name: markedName(config.name, model),
          path: relative(workspace.root, path),
        },
        task: config.task,
        backend: backend.id,
        options: encodedOptions as Schema.Json,
        placement: placement.success,
        scenario,
        protocol: config.protocol,
        prompts: {
          name: prompts.name,
          sha256: prompts.sha256,
          count: prompts.prompts.length,
          license: prompts.license,
        },
        source: config.source,
        ...(config.license === undefined ? {} : { license: config.license }),
        model,
        runtime: engine,
        host,
      }
      const identity = identityOf(spec)
      // `auto` and a device's name may come to the same placement: that is one cell.
      if (cells.some((cell) => cell.spec.identity === identity)) continue
      cells.push({ spec: { ...spec, identity }, backend, options, files: prepared, prompts })
    }
  }
  return cells
})

/** The model's files as the engine reads them, and what they hold; `undefined` where that takes an engine that is not there. */
const readModel = Effect.fnUntraced(function* <R>(
  { inspect, prepare }: AnyBackend<R>,
  files: ModelFiles,
  runtime: Runtime | undefined,
) {
  if (prepare !== undefined && runtime === undefined) return undefined
  const prepared =
    prepare === undefined || runtime === undefined || files.headersOnly === true
      ? files
      : yield* prepare(files, runtime)
  return { prepared, model: yield* inspect(prepared) }
})

const unknownBackend = (id: string, known: ReadonlyArray<string>): string => {
  if (known.length === 0) return "no backend is installed; install its plugin, such as @rigbook/backend-llamacpp"
  const near = closestKey(id, known)
  return `unknown backend; ${near === undefined ? `known are ${known.join(", ")}` : `did you mean "${near}"?`}`
}
