import type { Task } from "../model/Model.ts"
import type { DatasetSource, Measure } from "./Dataset.ts"
import type { PromptSet } from "./PromptSet.ts"
import type { Prompts } from "./Prompts.ts"
import type { Ramp } from "./Ramp.ts"
import type { TrialWork } from "./TrialWork.ts"

/** The number that a ladder raises from rung to rung: of scenarios that are alike in all else, it makes the difference. */
export interface Raised {
  readonly field: string
  /** What registry.json calls it. */
  readonly by: string
  /** What its rungs count, where a number is named: `8 streams`. */
  readonly unit: string
  /** Whether more of it raises the throughput until the engine has no more to give: a ramp, and a knee, are of such. */
  readonly saturates: boolean
  /** Head of a column of its numbers: `requests at once`. */
  readonly head: string
  /** Title of the tables that hold rungs against each other; left out where a registry has tables of another shape. */
  readonly title?: string
  /** Of the plot of such ladders: its title, and what to look for. */
  readonly plot: { readonly title: string; readonly about: string }
}

/** Where what is sent comes from. */
export type TextSource =
  | Prompts
  | { readonly trace: string }
  | { readonly dataset: typeof DatasetSource.Type; readonly measure: Measure }

/**
 * All that is particular to a kind of scenario. `S` is the scenario of a cell, `L` what a config says: the same, or a list,
 * or a ramp, where a ladder raises a number.
 */
export interface ScenarioKind<S, L = S> {
  readonly task: Task
  /** Whether many requests are under way at once: its figures are those of a load. */
  readonly load: boolean
  readonly raised?: Raised
  /** Warm-ups and trials, where what the config says for times is nothing to this kind. */
  readonly repetition?: { readonly warmup: number; readonly trials: number }
  /** The scenarios of a ladder, one for each cell. `contextLength`: tokens that the model was made for, or infinity. */
  readonly rungs: (ladder: L, contextLength: number) => ReadonlyArray<S>
  /** The ramp that a ladder is; `undefined` for one whose rungs are all run. */
  readonly ramp?: (ladder: L) => Ramp | undefined
  /** Where its prompts come from; `undefined` when it makes them up. */
  readonly prompts: (asked: S | L) => TextSource | undefined
  /** Why these prompts give it nothing to send, and the field that is to blame. */
  readonly unfit?: (asked: S | L, prompts: PromptSet) => { readonly field: string; readonly detail: string } | undefined
  /** Short name, used in tables and record ids: it never changes. */
  readonly name: (scenario: S) => string
  /** The numbers by which scenarios of one kind and one set of prompts are put in order. */
  readonly order: (scenario: S) => ReadonlyArray<number>
  /**
   * The work of one trial. Every trial asks for the same lengths at the same times; `round` names the trial, so that
   * fresh prompts are fresh in each. A set that is too short starts over.
   */
  readonly work: (scenario: S, prompts: PromptSet, round: string) => TrialWork
}
