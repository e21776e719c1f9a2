import type { Task, Verdict, VerdictReason } from "@rigbook/core"

/** A metric's figures in its unit (`cv` is a share), rounded to six digits, or the reason why there are none. */
export type PageValue =
  | {
      readonly median: number
      readonly low?: number
      readonly high?: number
      readonly cv?: number
      readonly trials: ReadonlyArray<number | null>
    }
  | string

/** A run as the page shows it. All text is safe to display. */
export interface PageRun {
  readonly id: string
  /** The config's id. */
  readonly model: string
  readonly name: string
  readonly task: Task
  readonly backend: string
  readonly runtime: string
  readonly placement: string
  readonly host: string
  /** The registry that it was pulled from; left out of this workspace's own. */
  readonly origin?: string
  readonly scenario: string
  /** With what its weights were made of; `weights` is their own quantization alone. */
  readonly quantization: string
  readonly weights: string
  /** Left out where its server does not report it, as the bits. */
  readonly parameters?: number
  readonly bits?: number
  readonly started: string
  readonly verdict: Verdict["status"]
  /** With a level and advice of its own where they are not those of `PageData.reasons`. */
  readonly reasons: ReadonlyArray<{ readonly code: string; readonly detail: string } & Partial<PageReason>>
  readonly failure?: string
  /** Why its engine or driver is not the current one of its host. */
  readonly stale?: ReadonlyArray<string>
  /** The path from the page to the record. */
  readonly href: string
  /** The path to its own report, if there is one. */
  readonly report?: string
  /** Bytes on devices other than the processor: by the backend's rules, and as the engine reports them. */
  readonly memory?: { readonly estimated: number; readonly held: number }
  /** Each device's memory as estimated before the run, and as observed. */
  readonly estimates?: ReadonlyArray<PageEstimate>
  /** Positions in `PageData.setups` and `PageData.proofs`. */
  readonly setup: number
  readonly proof: number
  /** Runs with one number did the same work: task, scenario, prompts and reference. */
  readonly work: number
  /** What a run of quality was measured on. */
  readonly quality?: PageQuality
  /** By the metric's id. */
  readonly values: Readonly<Record<string, PageValue>>
}

/** An estimate with an observed value; the report has the others. */
export interface PageEstimate {
  readonly device: string
  readonly parts: string
  readonly basis: string
  /** In bytes. */
  readonly estimated: number
  readonly found: number
  /** Share of the observed value by which the estimate is too high. */
  readonly error: number
}

/** What a figure of quality is of. */
export interface PageQuality {
  readonly dataset: string
  readonly language?: string
  /** How many queries, pairs, chunks or questions. */
  readonly of: number
  /** What a ranking at random gives. */
  readonly chance?: number
}

/** How an engine was set up, and how it was measured: names and values. */
export interface PageSetup {
  readonly requested: Readonly<Record<string, string>>
  /** As the engine reports it; absent if it never became ready. */
  readonly effective?: Readonly<Record<string, string>>
  /** Engine, weights, prompts, trials, Rigbook. */
  readonly conditions: Readonly<Record<string, string>>
}

/** Where a run was requested to be, where it was, and what proves it. */
export interface PageProof {
  readonly requested: string
  readonly effective?: string
  readonly state: "verified" | "partial" | "unverified" | "contradicted"
  readonly evidence: ReadonlyArray<{ readonly agrees: boolean; readonly text: string }>
  readonly missing: ReadonlyArray<string>
}

/** The level of a reason, and what to do about it. */
export interface PageReason {
  readonly level: VerdictReason["level"]
  readonly advice: string
}
