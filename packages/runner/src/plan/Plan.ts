import {
  type AnyBackend,
  type AnyComplete,
  type BackendError,
  type Backends,
  type CellSpec,
  complete,
  type DeviceDemand,
  type Host,
  identityOf,
  markedName,
  ModelConfig,
  type ModelFacts,
  type ModelFiles,
  type ModelSource,
  type PlacementRequest,
  type PromptSet,
  promptsOf,
  type Ramp,
  kindOf,
  rampOf,
  rungsOf,
  type RunRecord,
  Runtime,
  scenarioTask,
} from "@rigbook/core"
import { originFile, outlineModel } from "@rigbook/core/models"
import {
  closestKey,
  type ConfigFile,
  type ConfigIssue,
  decodeAt,
  readConfigFile,
  readPrompts,
  syntheticSet,
  type Workspace,
} from "@rigbook/records"
import { Effect, FileSystem, Option, Predicate, Result, Schema } from "effect"
import { basename, dirname, relative } from "node:path"
import { placeAsking } from "./AskDemand.ts"
import { interleaved } from "./Interleave.ts"
import { learnedOverhead, type SeenOverhead, seenOverheads } from "./Overhead.ts"
import { addOnce, checkPlacements, type Chosen, hostOf, placesOf } from "./PlanPlacement.ts"
import { requestIssues, resolvePlacement } from "./ResolvePlacement.ts"

/** A cell that can be run: what it is, and the values that running it takes. */
export interface Cell<R = never> {
  readonly spec: CellSpec
  readonly backend: AnyBackend<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  /** What was planned by; the weights are brought here when the cell is run. */
  readonly files: ModelFiles
  readonly prompts: PromptSet
  /** Memory that each device of the placement is estimated to need. */
  readonly demand: ReadonlyArray<DeviceDemand>
  /** The ramp whose rung it is: it is run only when none of the rungs below has ended that. */
  readonly ramp?: RampPlace
  /** Why it can't be started, where that is known already: its engine is not there, or its server does not answer. */
  readonly failure?: BackendError
}

/**
 * Where a cell stands in a ramp, and when that ends: below `gain`, the least share (0 to 1) by which the throughput has to
 * grow from rung to rung, or below `good`, the share (0 to 1) of the requests that have to meet the objectives.
 */
export interface RampPlace extends Pick<Ramp, "gain" | "good"> {
  /** Identities of the rungs below, the lowest first. */
  readonly below: ReadonlyArray<string>
}

/** What would be run, and what stands in its way. */
export interface Plan<R = never> {
  readonly cells: ReadonlyArray<Cell<R>>
  /** All that is wrong with the configs on this machine. Their other cells are planned all the same. */
  readonly issues: ReadonlyArray<ConfigIssue>
  /** What is not there or can't be read: engines, servers, models. Cells whose model is known have it as their `failure`. */
  readonly missing: ReadonlyArray<ConfigIssue>
}

/**
 * Turns configs into cells. Everything that can be known before a model is loaded is checked here: keys and
 * types, backends, options, model files, runtimes, devices, prompt sets. Models that travel in packages are
 * fetched. Overheads are learned from `records`, earlier ones of the workspace.
 */
export const plan = Effect.fn("Plan.plan")(function* <R>(
  workspace: Workspace,
  configs: ReadonlyArray<string>,
  backends: Backends<R>,
  host: Host,
  records: ReadonlyArray<RunRecord> = [],
) {
  const seen = seenOverheads(records)
  const plans = yield* Effect.forEach(configs, (path) => planConfig(workspace, path, backends, host, seen))
  return {
    cells: plans.flatMap(({ cells }) => cells),
    issues: plans.flatMap(({ issues }) => inOrder(issues)),
    missing: plans.flatMap(({ missing }) => inOrder(missing)),
  } satisfies Plan<R>
})

const inOrder = (issues: ReadonlyArray<ConfigIssue>): ReadonlyArray<ConfigIssue> =>
  issues.toSorted((a, b) => a.line - b.line || a.column - b.column)

const planConfig = Effect.fnUntraced(function* <R>(
  workspace: Workspace,
  path: string,
  backends: Backends<R>,
  host: Host,
  seen: ReadonlyArray<SeenOverhead>,
) {
  const { chosen, input, issues } = yield* openConfig(workspace, path, backends, host)
  if (input === undefined) return { cells: [], issues, missing: [] }
  const promptSets = yield* readPromptSets(input)
  const files = yield* fetchFiles(input)
  const cells = yield* Effect.forEach(chosen, (one) => planBackend(input, one, files, promptSets, seen))
  return { cells: interleaved(cells.flat()), issues, missing: input.missing }
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
  const named = yield* chooseBackends(file, backends, issues)
  checkPlacements(file, host, named, issues)
  if (Result.isFailure(decoded)) return { chosen: named, issues }
  const quantizing = "quantized" in decoded.success.source
  const chosen = named.filter(({ backend }) => !quantizing || backend.quantizes)
  for (const { backend } of named.filter((one) => !chosen.includes(one)))
    issues.push(file.issue(["backends", backend.id], "can't quantize models; name a source that is quantized already"))
  const input: Input = { workspace, host, path, file, config: decoded.success, issues, missing: [] }
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
    else chosen.push({ backend: complete(backend), options: options.success })
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
  /** As `Plan.missing`. */
  readonly missing: Array<ConfigIssue>
}

/** The prompt sets and traces of a config's scenarios, by their place; what is wrong with one is an issue. */
export const readPromptSets = Effect.fn("Plan.readPromptSets")(function* ({ config, file, issues, workspace }: Input) {
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
    const asked = promptsOf(scenario)
    if (asked === undefined) {
      sets.set(index, syntheticSet)
      continue
    }
    const set = yield* Effect.result(readPrompts(asked, workspace))
    const at = ["scenarios", index, typeof asked === "object" && "trace" in asked ? "file" : "prompts"]
    if (Result.isFailure(set)) {
      const { detail, path } = set.failure
      const where = typeof asked === "object" && "file" in asked ? [...at, "file"] : at
      issues.push(file.issue(where, `${detail} (${relative(workspace.root, path)})`))
      continue
    }
    const unfit = kindOf(scenario).unfit?.(scenario, set.success)
    if (unfit === undefined) sets.set(index, set.success)
    else issues.push(file.issue(["scenarios", index, unfit.field], unfit.detail))
  }
  return sets
})

/** The source whose files the config names, and where it stands: of a quantized one, what that is made of. */
const namedSource = (source: ModelSource) =>
  "quantized" in source
    ? { at: ["source", "quantized", "from"], named: source.quantized.from }
    : { at: ["source"], named: source }

/** What the model's facts are read from; `undefined` when they are not to be had, which is told by then. */
export const fetchFiles = Effect.fn("Plan.fetchFiles")(function* ({ config, file, missing, path }: Input) {
  const fs = yield* FileSystem.FileSystem
  const fetched = yield* Effect.result(outlineModel(config.name, config.source, dirname(path)))
  if (Result.isFailure(fetched)) {
    missing.push(file.issue(["source"], fetched.failure.message))
    return undefined
  }
  if (yield* Effect.orElseSucceed(fs.exists(fetched.success.path), () => false)) return fetched.success
  const { at, named } = namedSource(config.source)
  missing.push(file.issue([...at, "path" in named ? "path" : "file"], `there is no model file ${fetched.success.path}`))
  return undefined
})

const planBackend = Effect.fnUntraced(function* <R>(
  input: Input,
  { backend, options }: Chosen<R>,
  files: ModelFiles | undefined,
  promptSets: ReadonlyMap<number, PromptSet>,
  seen: ReadonlyArray<SeenOverhead>,
) {
  const { config, file, issues, missing, path, workspace } = input
  const host = hostOf(input.host, { backend, options })
  const at = ["backends", backend.id]
  if (!backend.tasks.includes(config.task)) {
    issues.push(file.issue(at, `can't ${config.task}; it can ${backend.tasks.join(", ")}`))
    return []
  }
  const unfit = yield* backend.check(options)
  issues.push(...unfit.map((issue) => file.issue([...at, ...issue.path], issue.message)))
  // What is wrong with an option would only be told once more by the probe.
  const probed = unfit.length > 0 ? undefined : yield* Effect.result(backend.probe(options))
  if (probed !== undefined && Result.isFailure(probed)) missing.push(file.issue(at, probed.failure.message))
  if (files === undefined) return []
  const engine = probed === undefined ? undefined : Option.getOrUndefined(Result.getSuccess(probed))
  const read = yield* Effect.result(readModel(backend, files, engine))
  if (Result.isFailure(read))
    missing.push(file.issue("path" in config.source ? ["source", "path"] : ["source"], read.failure.message))
  if (probed === undefined || Result.isFailure(read) || read.success === undefined) return []
  const runtime = engine ?? unknownRuntime(backend.id)
  const { model, prepared } = read.success
  if (!suitsModel(input, { backend, options }, model)) return []
  const { at: whence, named } = namedSource(config.source)
  const { sha256 } = originFile(config.source, model)
  if ("path" in named && (named.sha256 ?? sha256) !== sha256) {
    issues.push(file.issue([...whence, "sha256"], `the model's files have SHA-256 ${sha256}`))
    return []
  }
  const encodedOptions = yield* Effect.orDie(Schema.encodeEffect(backend.config)(options))
  const cells: Array<Cell<R>> = []
  const { contextLength } = model
  const scenarios = config.scenarios.flatMap((ladder, index) =>
    rungsOf(ladder, contextLength).map((scenario, rung, all) => ({
      scenario,
      prompts: promptSets.get(index),
      ramp: rampOf(ladder),
      below: (spec: Omit<CellSpec, "identity">) =>
        all.slice(0, rung).map((lower) => identityOf({ ...spec, scenario: lower })),
    })),
  )
  for (const { below, prompts, ramp, scenario } of scenarios) {
    if (prompts === undefined || scenarioTask(scenario) !== config.task) continue
    const demand = backend.demand(model, options, scenario)
    for (const { at: where, requested } of placesOf<PlacementRequest>(config.placement)) {
      if (requestIssues(requested, host, backend.strategies).length > 0) continue
      const { demand: byDevice, placed: placement } = yield* placeAsking({
        backend,
        input: { model, config: options, scenario, host, files: prepared },
        runtime: engine ?? { absent: "the engine is not there" },
        learn: (byFormula, on) =>
          learnedOverhead(seen, { backend: backend.id, runtime, model, host, placement: on }, byFormula),
        place: (demandOf) =>
          resolvePlacement(requested, { host, model, demand, demandOf, config: options }, backend.strategies),
        chosen: Result.getOrUndefined,
      })
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
          ...(prompts.file === undefined ? {} : { file: prompts.file }),
          sha256: prompts.sha256,
          count: prompts.trace?.length ?? prompts.prompts.length,
          license: prompts.license,
        },
        source: config.source,
        ...(config.license === undefined ? {} : { license: config.license }),
        model,
        runtime,
        host,
      }
      const identity = identityOf(spec)
      // `auto` and a device's name may come to the same placement: that is one cell.
      if (cells.some((cell) => cell.spec.identity === identity)) continue
      cells.push({
        spec: { ...spec, identity },
        backend,
        options,
        files: prepared,
        prompts,
        demand: byDevice,
        ...(Result.isFailure(probed) ? { failure: probed.failure } : {}),
        ...(ramp === undefined ? {} : { ramp: { gain: ramp.gain, good: ramp.good, below: below(spec) } }),
      })
    }
  }
  return cells
})

/** Whether this model can honour the backend's options; what it can't is an issue at its option. */
export const suitsModel = <R>({ file, issues }: Input, { backend, options }: Chosen<R>, model: ModelFacts): boolean => {
  const unfit = backend.checkModel(options, model)
  issues.push(...unfit.map(({ message, path }) => file.issue(["backends", backend.id, ...path], message)))
  return unfit.length === 0
}

/** The model's files as the engine reads them, and what they hold; `undefined` where that takes an engine that is not there. */
const readModel = Effect.fnUntraced(function* <R>(
  { inspect, prepare }: AnyComplete<R>,
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

/** What stands in a record for an engine that was not there to tell. */
const unknownRuntime = (backend: string): Runtime =>
  new Runtime({ program: backend, version: "unknown", origin: "unknown", path: "unknown", libraries: {} })

const unknownBackend = (id: string, known: ReadonlyArray<string>): string => {
  if (known.length === 0) return "no backend is installed; install its plugin, such as @rigbook/backend-llamacpp"
  const near = closestKey(id, known)
  return `unknown backend; ${near === undefined ? `known are ${known.join(", ")}` : `did you mean "${near}"?`}`
}
