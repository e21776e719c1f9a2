import type {
  AnyComplete,
  AnyModel,
  BackendError,
  Host,
  ModelConfig,
  ModelFiles,
  Placement,
  PromptSet,
  ReferenceModel,
  Runtime,
  RunRecord,
  Scenario,
  ReportedDemand,
  UnusableDevice,
} from "@rigbook/core"
import type { ConfigFile, ConfigIssue } from "@rigbook/records"
import type { RatesByName } from "../host/Rates.ts"
import type { Known } from "./Known.ts"
import type { ObservedSpeed } from "./ObservedSpeeds.ts"
import type { ObservedOverhead } from "./Overhead.ts"

/**
 * How much is read. `headers`: only of models, for a host that is only described. `here`: also this machine's engines
 * and its cache. `whole`: the complete model files, fetched and prepared, so that cells can run.
 */
export type Reach = "headers" | "here" | "whole"

/** Everything that determines the plan of one config. */
export interface Facts<R = never> {
  readonly reach: Reach
  /** The config's file without its ending, and its path from the workspace's root. */
  readonly id: string
  readonly path: string
  readonly file: ConfigFile
  /** Left out where the file is no config. */
  readonly config?: ModelConfig
  /** By the place of their scenario; those that can't be read are among the issues. */
  readonly prompts: ReadonlyMap<number, PromptSet>
  /** Of each backend that can run the config's model, as far as that is known. */
  readonly engines: ReadonlyArray<EngineFacts<R>>
  readonly overheads: ReadonlyArray<ObservedOverhead>
  readonly records: ReadonlyArray<RunRecord>
  /** What devices can do at most, as far as that is known. */
  readonly rates: RatesByName
  /** Machines that a unit can have there; left out if that is not known. */
  readonly nodes?: number
  /** What the records teach of each backend's speed, by its id. */
  readonly speeds: ReadonlyMap<string, ReadonlyArray<ObservedSpeed>>
  /** What is wrong with the config on this machine. */
  readonly issues: ReadonlyArray<ConfigIssue>
  /** Engines, servers and models that are missing or can't be read. */
  readonly missing: ReadonlyArray<ConfigIssue>
}

/** Problems found while facts are gathered: see `Facts`. */
export interface Problems {
  readonly issues: Array<ConfigIssue>
  readonly missing: Array<ConfigIssue>
}

/** A backend that a config names. */
export interface Chosen<R = never> {
  readonly backend: AnyComplete<R>
  /** Its options, decoded. */
  readonly options: unknown
  /** With the devices that the options bring. */
  readonly host: Host
}

/** A model that another is compared with, as the engine reads it. */
export type Reference = Pick<ReferenceModel, "files" | "model">

/** An engine, and the config's model in it. */
export interface EngineFacts<R = never> extends Chosen<R> {
  readonly runtime: Known<Runtime>
  /** Why the engine or its server is missing. */
  readonly failure?: BackendError
  /** GPUs of the host that the engine can't be put on. */
  readonly unusable: ReadonlyArray<UnusableDevice>
  readonly model: AnyModel
  /** As the engine reads them; absent where they are still to be prepared. */
  readonly files: Known<ModelFiles>
  /** The references of the config's scenarios, by the scenario's index. */
  readonly references?: ReadonlyMap<number, Reference>
  /** Which of the config's scenarios, by their index, have these options; left out: all. */
  readonly isFor?: (scenario: Scenario, index: number) => boolean
  /** What the engine's own tool answered, by `questionKey`. */
  readonly answers: ReadonlyMap<string, { readonly question: Question; readonly answer: ReportedDemand }>
}

/** A question for the engine's own tool: what a scenario needs in a placement. */
export interface Question {
  readonly scenario: Scenario
  readonly placement: Placement
}

/** Equal questions have equal keys. */
export const questionKey = ({ placement, scenario }: Question): string => JSON.stringify([scenario, placement])
