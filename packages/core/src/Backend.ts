import type { Effect, Schema, Scope } from "effect"
import type { Device, DeviceId, Host } from "./host/Host.ts"
import type { ModelFacts, ModelFiles, Task } from "./model/Model.ts"
import type { ServedModel } from "./model/ServedModel.ts"
import type { Demand, DeviceDemand, ReportedDemand } from "./placement/Demand.ts"
import type { Placement, Strategy } from "./placement/Placement.ts"
import type { BackendError } from "./runtime/BackendError.ts"
import type { EngineIdentity } from "./runtime/EngineIdentity.ts"
import type { RequestFailed } from "./runtime/RequestFailed.ts"
import type { Effective, EngineBuffer, Runtime } from "./runtime/Runtime.ts"
import type { PromptSet } from "./scenario/PromptSet.ts"
import type { Completion, DivergeRequest, DraftCounts, Observer, Request } from "./scenario/Request.ts"
import type { Scenario } from "./scenario/Scenario.ts"

/** One loaded model. Closing the scope that it was opened in unloads it and frees its devices. */
export interface Session {
  readonly effective: Effective
  /** Processes whose trees hold the model, so that memory can be attributed. */
  readonly pids: ReadonlyArray<number>
  /**
   * Answers one request, reporting each chunk to `observer` as it arrives. Interruption cancels the request. Fails with
   * `RequestFailed` if the engine can answer the next one: a load counts it and continues. A `BackendError` ends the cell.
   */
  readonly send: (request: Request, observer: Observer) => Effect.Effect<Completion, BackendError | RequestFailed>
  /** Compares the model with its reference in one chunk of a text; only in a session opened with a reference. */
  readonly diverge?: (request: DivergeRequest) => Effect.Effect<Completion, BackendError>
  /**
   * Counts of speculative decoding, where the engine has them for all requests together, not for each: core reads them
   * before and after a trial. Omit it if the engine drafts nothing, or if completions have them.
   */
  readonly drafts?: Effect.Effect<DraftCounts, BackendError | RequestFailed>
  /**
   * What the current engine reports of itself: core calls this when it is opened and after the last trial, and
   * compares. Omit it if the engine can't be replaced unnoticed, such as one on its own channel.
   */
  readonly identify?: Effect.Effect<EngineIdentity>
}

/** An option of a config that can't work on this machine, found before anything runs. */
export interface OptionIssue {
  /** Path inside the backend's options, such as `["port"]`; empty for the complete backend. */
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** A model that another is compared with: the same in more bits. */
export interface ReferenceModel {
  readonly files: ModelFiles
  readonly model: ModelFacts
  /** Tokens of a chunk of text. */
  readonly context: number
}

/** The input of `open`: the cell, as planned. */
export interface OpenInput<Config> {
  readonly config: Config
  /** What `probe` found when the cell was planned: exactly this must run. */
  readonly runtime: Runtime
  readonly files: ModelFiles
  readonly model: ModelFacts
  readonly task: Task
  readonly placement: Placement
  /** Whose devices the placement is on. */
  readonly host: Host
  /** Variables by which a child process finds the placement's GPUs alone, in its order: see `Vendor.restrict`. */
  readonly visible: Readonly<Record<string, string>>
  /** Only for a backend that `diverges`: its session then has `diverge`, and does nothing else. */
  readonly reference?: ReferenceModel
  /** File for all of the engine's output. */
  readonly logFile: string
  /** Longest wait until the engine is ready. */
  readonly openTimeoutMs: number
}

/** The input of `demandOf`. */
export interface DemandInput<Config> {
  readonly model: ModelFacts
  readonly config: Config
  readonly scenario: Scenario
  readonly placement: Placement
  /** The host that has the placement's devices. */
  readonly host: Host
  /** The prompts, where they are known: else they are as long as they may be. */
  readonly promptSet?: PromptSet
}

/** A question for the engine's own tool: a placement of a model, with the files and the engine in use. */
export interface AskInput<Config> extends DemandInput<Config> {
  /** They have the model's headers, but possibly not its weights. */
  readonly files: ModelFiles
  readonly runtime: Runtime
  /** As `OpenInput.visible`. */
  readonly visible: Readonly<Record<string, string>>
}

/** Memory that a model needs; pure, except `ask`. */
export interface Memory<Config, R = never> {
  /** On one device, wherever it is. Default: the weights. */
  readonly demand?: (model: ModelFacts, config: Config, scenario: Scenario, prompts?: PromptSet) => Demand
  /** On each device of a placement, and in host memory beside them. Default: each device holds all of `demand`. */
  readonly demandOf?: (input: DemandInput<Config>) => ReadonlyArray<DeviceDemand>
  /** `config` with room for this many tokens in one request. Omit it if there is no such option. */
  readonly withContext?: (config: Config, tokens: number) => Config
  /**
   * Bytes of keys, values and states that one request of so many tokens keeps: each token that is written reads all of
   * them. Left out, or `undefined`, where that is not known.
   */
  readonly cacheBytes?: (model: ModelFacts, config: Config, tokens: number) => number | undefined
  /**
   * `demandOf` as the engine's own tool reports it, if this runtime has one; parts that it leaves out are
   * those of `demandOf`. Or why this engine can't use these devices: then the model is placed elsewhere.
   * Each question is put once. Omit it if the engine has no such tool.
   */
  readonly ask?: (input: AskInput<Config>) => Effect.Effect<ReportedDemand, never, R>
}

/** Where models can be placed; all of it pure. */
export interface Placing<Config> {
  /** In the order in which `auto` tries them. Default: one GPU, else the processor. */
  readonly strategies?: ReadonlyArray<Strategy<Config>>
  /** Devices that `config` adds to this host, such as servers that compute for it. Default: none. */
  readonly devices?: (config: Config) => ReadonlyArray<Device>
  /**
   * What `config` and `placement` request, by the names in `Effective.settings`. Default: only the
   * devices are compared with what is effective.
   */
  readonly requested?: (config: Config, placement: Placement, scenario?: Scenario) => Effective["settings"]
  /**
   * What each device except the processor must hold if the engine obeyed: predicted by the engine's own
   * rule, by the devices and kinds of `Effective.buffers`. Omit it, or return `undefined`, if the rule is unknown.
   */
  readonly layout?: (model: ModelFacts, config: Config, placement: Placement) => ReadonlyArray<EngineBuffer> | undefined
}

/** How a model's files become what the engine reads. Default: they are read unchanged. */
export interface Preparing<R = never> {
  /**
   * Turns them into what `runtime` reads, if it can't read them directly: once, stored in the cache, and reporting
   * `Progress`. The result is inspected and opened in their place.
   */
  readonly prepare: (files: ModelFiles, runtime: Runtime) => Effect.Effect<ModelFiles, BackendError, R>
  /**
   * What `prepare` made from these files before, or the files themselves if they need no preparing; `undefined` if
   * that is still to be done. Default: unknown until they are prepared.
   */
  readonly prepared?: (files: ModelFiles, runtime: Runtime) => Effect.Effect<ModelFiles | undefined, BackendError, R>
  /** Whether `prepare` quantizes as `ModelFiles.quantizeTo` requests. Default: it does not. */
  readonly quantizes?: boolean
}

/** A GPU of this machine that an engine can't use. */
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

/** A model of a server that was found. */
export interface OfferedModel {
  /** Its name there. */
  readonly name: string
  readonly task: Task
  /** Its file, if that is on this machine and known. */
  readonly path?: string
  /** Where answers can only have their natural length. */
  readonly natural?: true
  /** The backend's options by which it is measured. */
  readonly options: Readonly<Record<string, Schema.Json>>
}

/** A server started by others. */
export interface FoundServer {
  /** Its kind, such as `Ollama`. */
  readonly name: string
  readonly version: string
  readonly url: string
  readonly models: ReadonlyArray<OfferedModel>
  /** What this kind of server does not report, each in a sentence. */
  readonly absent: ReadonlyArray<string>
}

/** What can't work, and what can be installed. Default: nothing. */
export interface Machine<Config, R = never> {
  /** Options that can't work on this machine, each at its key. */
  readonly check?: (config: Config) => Effect.Effect<ReadonlyArray<OptionIssue>, never, R>
  /** GPUs that the installed engine can't use: nothing is placed on them. Default: none. */
  readonly unusable?: (input: DevicesInput<Config>) => Effect.Effect<ReadonlyArray<UnusableDevice>, never, R>
  /** Options that this model does not support, each at its key. Pure. */
  readonly checkModel?: (config: Config, model: ModelFacts) => ReadonlyArray<OptionIssue>
  /**
   * Servers started by others that listen at their documented ports on this machine, or the one at `url`; none that does
   * not answer at once. Default: none.
   */
  readonly servers?: (url?: string) => Effect.Effect<ReadonlyArray<FoundServer>, never, R>
  /** Installs the pinned program if it is missing, reporting `Progress`; returns the existing or installed one. */
  readonly setup?: Effect.Effect<Runtime, BackendError, R>
  /** Builds of the program that can be requested by name: each installs one, which is the one that runs from then on. */
  readonly builds?: Readonly<Record<string, Effect.Effect<Runtime, BackendError, R>>>
}

/** The input of `tunes`. */
export interface TunesInput<Config> {
  readonly config: Config
  readonly model: ModelFacts
  readonly host: Host
  readonly task: Task
  /** Requests at once. */
  readonly streams: number
}

/** An option whose values cost or save time, memory or accuracy. */
export interface Tunable {
  /** Its key in the backend's options. */
  readonly option: string
  /** Values to try beside the engine's default. */
  readonly values: ReadonlyArray<string | number>
  /** Whether answers change by more than rounding: it is varied only within a budget of loss. */
  readonly lossy: boolean
}

/**
 * A plain value that says how to run one engine: seven members, and four groups of optional capabilities. A program may
 * have many; there is nothing to register. `complete` fills in the defaults.
 */
export interface Backend<Config, R = never> {
  readonly id: string
  /** One line for people: what it runs. */
  readonly description: string
  /** It is opened for no other. */
  readonly tasks: ReadonlyArray<Task>
  /** The backend's options in a model's config. Core decodes them once. */
  readonly config: Schema.Codec<Config, unknown>
  /** The program that `config` would run, without loading a model. */
  readonly probe: (config: Config, options?: ProbeOptions) => Effect.Effect<Runtime, BackendError, R>
  /** Reads what the model is from its files; what it will be, if they are still to be prepared. */
  readonly inspect: (files: ModelFiles) => Effect.Effect<ModelFacts, BackendError, R>
  /** Whether `open` accepts a reference. Default: it does not. */
  readonly diverges?: boolean
  /**
   * What the model is, as its server reports: for a config without a source. Such a model is not inspected or planned, only
   * opened, and the counts in `OpenInput.model` may be missing. Omit it if models are files.
   */
  readonly served?: (config: Config) => Effect.Effect<ServedModel, BackendError, R>
  /** The options that `rigbook tune` varies for this model on this host, in the order in which they are tried; pure. Default: none. */
  readonly tunes?: (input: TunesInput<Config>) => ReadonlyArray<Tunable>
  readonly open: (input: OpenInput<Config>) => Effect.Effect<Session, BackendError, R | Scope.Scope>
  readonly memory?: Memory<Config, R>
  readonly placement?: Placing<Config>
  readonly files?: Preparing<R>
  readonly machine?: Machine<Config, R>
}

/** How a program or a server is looked for. */
export interface ProbeOptions {
  /** How long a server that is still loading is waited for. Default: not at all. */
  readonly waitMs?: number
}

/** Any backend: its `Config` is decoded by core before it is used, so callers need not know it. */
// oxlint-disable-next-line typescript/no-explicit-any -- Config is invariant, and only core decodes it.
export type AnyBackend<R = never> = Backend<any, R>

/** The services that a backend, or a union of backends, needs from the program. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyBackend.
export type ServicesOf<B> = B extends Backend<any, infer R> ? R : never
