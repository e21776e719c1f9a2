import type { Task } from "../model/Model.ts"
import type { ModelSource } from "../model/ModelSource.ts"
import type { DatasetSource, Measure } from "./Dataset.ts"
import type { PromptSet } from "./PromptSet.ts"
import type { Prompts } from "./Prompts.ts"
import type { Ramp } from "./Ramp.ts"
import type { TrialTokens } from "./TrialTokens.ts"
import type { TrialWork } from "./TrialWork.ts"

/** The number that a ladder raises from rung to rung: scenarios that are otherwise equal differ in it. */
export interface Raised {
  readonly field: string
  /** Its name in registry.json. */
  readonly by: string
  /** The unit of its rungs: `8 streams`. */
  readonly unit: string
  /** Whether more of it raises the throughput until the engine saturates: ramps and knees need that. */
  readonly saturates: boolean
  /** Head of a column of its numbers: `requests at once`. */
  readonly head: string
  /** Title of the tables that compare rungs; left out if a registry has other tables for it. */
  readonly title?: string
  /** The plot of such ladders: its title, and what to look for. */
  readonly plot: { readonly title: string; readonly about: string }
}

/** Where what is sent comes from. */
export type TextSource =
  | Prompts
  | { readonly trace: string }
  | { readonly dataset: typeof DatasetSource.Type; readonly measure: Measure }

/**
 * Everything specific to a kind of scenario. `S` is the scenario of a cell, `L` what a config says: the same, or a
 * list, or a ramp, where a ladder raises a number.
 */
export interface ScenarioKind<S, L = S> {
  readonly task: Task
  /** The task of one scenario, if those of the kind differ in it. */
  readonly taskOf?: (scenario: S | L) => Task
  /** Whether many requests run at once: its figures are those of a load. */
  readonly load: boolean
  readonly raised?: Raised
  /** Warm-ups and trials of a kind whose figures are no times, in place of the config's protocol. */
  readonly repetition?: (scenario: S | L) => { readonly warmup: number; readonly trials: number }
  /** The model that its model is compared with, for a kind that has one. */
  readonly reference?: (scenario: S | L) => ModelSource | undefined
  /**
   * The scenarios of a ladder, one for each cell. `contextLength`: tokens that the model was trained for, or infinity.
   */
  readonly rungs: (ladder: L, contextLength: number) => ReadonlyArray<S>
  /** Whether rungs that don't fit are left out, and each has a context of its own. */
  readonly ifItFits?: (ladder: L) => boolean
  /** Tokens of context that a scenario takes: the least, and enough for any tokenizer and chat template. */
  readonly contextOf?: (scenario: S) => { readonly least: number; readonly enough: number }
  /** The ramp that a ladder is; `undefined` for one whose rungs are all run. */
  readonly ramp?: (ladder: L) => Ramp | undefined
  /** Where its prompts come from; `undefined` if it generates them. */
  readonly prompts: (requested: S | L) => TextSource | undefined
  /** Why it has nothing to send with these prompts, and the field that causes it. */
  readonly unfit?: (
    requested: S | L,
    prompts: PromptSet,
  ) => { readonly field: string; readonly detail: string } | undefined
  /** Short name, used in tables and record ids: it never changes. */
  readonly name: (scenario: S) => string
  /** The numbers by which scenarios of one kind and one set of prompts are put in order. */
  readonly order: (scenario: S) => ReadonlyArray<number>
  /**
   * The work of one trial. Every trial requests the same lengths at the same times; `round` names the trial, so that
   * fresh prompts are fresh in each. A set that is too short starts over.
   */
  readonly work: (scenario: S, prompts: PromptSet, round: string) => TrialWork
  /** About how many tokens that is, without making it; left out where requests run at the same time. */
  readonly tokens?: (scenario: S, prompts: PromptSet) => TrialTokens
}
