import type { Effect, Schema, Scope } from "effect"
import type { Device, DeviceId, Host } from "./host/Host.ts"
import type { ModelFacts, ModelFiles, Task } from "./model/Model.ts"
import type { Demand, DeviceDemand, ToldDemand } from "./placement/Demand.ts"
import type { Placement, Strategy } from "./placement/Placement.ts"
import type { BackendError } from "./runtime/BackendError.ts"
import type { EngineIdentity } from "./runtime/EngineIdentity.ts"
import type { Effective, EngineBuffer, Runtime } from "./runtime/Runtime.ts"
import type { Completion, Observer, Request } from "./scenario/Request.ts"
import type { Scenario } from "./scenario/Scenario.ts"

/** One loaded model. Closing the scope that it was opened in unloads it and frees its devices. */
export interface Session {
  readonly effective: Effective
  /** Processes whose trees hold the model, so that memory can be attributed. */
  readonly pids: ReadonlyArray<number>
  /** Answers one request, telling `observer` of each chunk as it comes. Interruption cancels the request. */
  readonly send: (request: Request, observer: Observer) => Effect.Effect<Completion, BackendError>
  /**
   * What the engine that answers now reports of itself: core asks when it is opened and after the last trial, and judges.
   * Left out by backends whose engine can be no other, such as one on a channel of its own.
   */
  readonly identify?: Effect.Effect<EngineIdentity>
}

/** An option of a config that this machine can't honour, found before anything runs. */
export interface OptionIssue {
  /** Path inside the backend's options, such as `["port"]`; empty for the backend as a whole. */
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** What `open` is given: the cell, as it was planned. */
export interface OpenInput<Config> {
  readonly config: Config
  /** What `probe` found when the cell was planned: the same is to be run. */
  readonly runtime: Runtime
  readonly files: ModelFiles
  readonly model: ModelFacts
  readonly task: Task
  readonly placement: Placement
  /** Whose devices the placement is on. */
  readonly host: Host
  /** Variables by which a child process finds the placement's GPUs alone, in its order: see `Vendor.restrict`. */
  readonly visible: Readonly<Record<string, string>>
  /** File that the engine's whole output is written to. */
  readonly logFile: string
  /** Longest wait until the engine is ready. */
  readonly openTimeoutMs: number
}

/** What `demandOf` is given. */
export interface DemandInput<Config> {
  readonly model: ModelFacts
  readonly config: Config
  readonly scenario: Scenario
  readonly placement: Placement
  /** Whose devices the placement is on. */
  readonly host: Host
}

/** What the engine's own tool is asked about: a placement of a model, with the files and the engine that are there. */
export interface AskInput<Config> extends DemandInput<Config> {
  /** The model's headers are in them, its weights may be not. */
  readonly files: ModelFiles
  readonly runtime: Runtime
  /** As `OpenInput.visible`. */
  readonly visible: Readonly<Record<string, string>>
}

/** Memory that a model needs; all of it pure but `ask`. */
export interface Memory<Config, R = never> {
  /** On one device, or wherever it lies. Left out: the weights. */
  readonly demand?: (model: ModelFacts, config: Config, scenario: Scenario) => Demand
  /** On each device of a placement, and in host memory beside them. Left out: each device holds all of `demand`. */
  readonly demandOf?: (input: DemandInput<Config>) => ReadonlyArray<DeviceDemand>
  /** `config` with room for so many tokens in one request. Left out where that is no question. */
  readonly withContext?: (config: Config, tokens: number) => Config
  /**
   * `demandOf` as the engine's own tool reports it, where there is one for this runtime; parts that it leaves out are
   * those of `demandOf`. Or why the engine that is there can't be put on these devices: the model is placed elsewhere then.
   * The same question is put once. Left out where the engine has no such tool.
   */
  readonly ask?: (input: AskInput<Config>) => Effect.Effect<ToldDemand, never, R>
}

/** Where models are put; all of it pure. */
export interface Placing<Config> {
  /** In the order in which `auto` tries them. Left out: one GPU, else the processor. */
  readonly strategies?: ReadonlyArray<Strategy<Config>>
  /** Devices that `config` brings to this host, such as servers that compute for it. Left out: none. */
  readonly devices?: (config: Config) => ReadonlyArray<Device>
  /**
   * What `config` and `placement` ask for, by the names that `Effective.settings` answers with. Left out: nothing but
   * devices is compared with what is effective.
   */
  readonly requested?: (config: Config, placement: Placement) => Effective["settings"]
  /**
   * What each device but the processor has to hold for the engine to have obeyed: predicted by the engine's own
   * rule, by the devices and kinds of `Effective.buffers`. `undefined`, or left out, where the rule is not known.
   */
  readonly layout?: (model: ModelFacts, config: Config, placement: Placement) => ReadonlyArray<EngineBuffer> | undefined
}

/** How a model's files become what the engine reads. Left out: they are read as they are. */
export interface Preparing<R = never> {
  /**
   * Turns them into what `runtime` reads, where it can't read them as they are: once, kept in the cache, and telling
   * `Progress`. What it gives is inspected and opened in their place.
   */
  readonly prepare: (files: ModelFiles, runtime: Runtime) => Effect.Effect<ModelFiles, BackendError, R>
  /**
   * What `prepare` has made of these files before, or the files themselves where they need no preparing; `undefined` where
   * that is still to be done. Left out: nobody knows before they are prepared.
   */
  readonly prepared?: (files: ModelFiles, runtime: Runtime) => Effect.Effect<ModelFiles | undefined, BackendError, R>
  /** Whether `prepare` quantizes what `ModelFiles.quantizeTo` asks it to. Left out: it does not. */
  readonly quantizes?: boolean
}

/** A GPU of this machine that an engine can't be put on. */
export interface UnusableDevice {
  readonly device: DeviceId
  /** In a sentence. */
  readonly why: string
  /** The one command that helps, or what else to do, in a sentence. */
  readonly fix: string
}

/** What `unusable` is given. */
export interface DevicesInput<Config> {
  readonly config: Config
  readonly runtime: Runtime
  /** Whose GPUs are meant. */
  readonly host: Host
  /** As `OpenInput.visible`, for these GPUs. Pure. */
  readonly restrict: (gpus: ReadonlyArray<DeviceId>) => Readonly<Record<string, string>>
}

/** What can't work, and what can be installed. Left out: nothing. */
export interface Machine<Config, R = never> {
  /** Options that can't work on this machine, each at its key. */
  readonly check?: (config: Config) => Effect.Effect<ReadonlyArray<OptionIssue>, never, R>
  /** GPUs that the engine which is there can't be put on: nothing is placed on them. Left out: none. */
  readonly unusable?: (input: DevicesInput<Config>) => Effect.Effect<ReadonlyArray<UnusableDevice>, never, R>
  /** Options that this model can't honour, each at its key. Pure. */
  readonly checkModel?: (config: Config, model: ModelFacts) => ReadonlyArray<OptionIssue>
  /** Installs the pinned program where it is missing, telling `Progress`; gives what was there or was installed. */
  readonly setup?: Effect.Effect<Runtime, BackendError, R>
  /** Builds of the program that can be requested by name: each installs one, which is the one that runs from then on. */
  readonly builds?: Readonly<Record<string, Effect.Effect<Runtime, BackendError, R>>>
}

/**
 * A plain value that says how one engine is run: seven members, and four groups of what some engines can. A program may
 * hold many; there is nothing to register. `complete` fills in what is left out.
 */
export interface Backend<Config, R = never> {
  readonly id: string
  /** One line for people: what it runs. */
  readonly description: string
  readonly tasks: ReadonlyArray<Task>
  /** The backend's options in a model's config. Core decodes them once. */
  readonly config: Schema.Codec<Config, unknown>
  /** The program that `config` would run, without loading a model. */
  readonly probe: (config: Config) => Effect.Effect<Runtime, BackendError, R>
  /** Reads what the model is from its files; what it will be, where they are still to be prepared. */
  readonly inspect: (files: ModelFiles) => Effect.Effect<ModelFacts, BackendError, R>
  readonly open: (input: OpenInput<Config>) => Effect.Effect<Session, BackendError, R | Scope.Scope>
  readonly memory?: Memory<Config, R>
  readonly placement?: Placing<Config>
  readonly files?: Preparing<R>
  readonly machine?: Machine<Config, R>
}

/** Any backend: its `Config` is decoded by core before it is used, so callers need not know it. */
// oxlint-disable-next-line typescript/no-explicit-any -- Config is invariant; only core, which decodes it, holds this type.
export type AnyBackend<R = never> = Backend<any, R>

/** The services that a backend, or a union of backends, asks of the program. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyBackend.
export type ServicesOf<B> = B extends Backend<any, infer R> ? R : never
