import type { CheckedClaim, Raised, Task } from "@rigbook/core"
import type { Shelf, SoleRole } from "@rigbook/records"
import type { Judgement } from "../Scaling.ts"
import type { PageProof, PageReason, PageRun, PageSetup } from "./PageRun.ts"

/** What the registry says of a model beside its runs. */
export interface PageModel {
  readonly id: string
  readonly name: string
  readonly superseded: number
  /** The intended use in the config. */
  readonly use?: string
  readonly notes: ReadonlyArray<PageNote>
  readonly ratings: ReadonlyArray<{
    readonly useCase: string
    readonly run: string
    /** Absent if it is not rated. */
    readonly stars?: number
    /** The stars in words, or why there are none. */
    readonly text: string
  }>
  /** Of the latest run's file. */
  readonly facts?: {
    readonly architecture: string
    readonly parameters?: number
    readonly quantization: string
    readonly bits?: number
    readonly fileBytes?: number
    readonly context?: number
    readonly license?: string
  }
}

/** What a person wrote, and what the records say about its claims. */
export interface PageNote {
  readonly path: string
  readonly href: string
  readonly text: string
  readonly date?: string
  readonly author?: string
  readonly claims: ReadonlyArray<{
    readonly claim: string
    readonly state: CheckedClaim["state"]
    readonly witnesses: ReadonlyArray<{ readonly run: string; readonly text: string }>
  }>
}

/** Runs side by side that differ in one thing only; the others are relative to the first that has a figure. */
export interface PageComparison {
  /** Of the tables of this sort. */
  readonly title: string
  /** Where its runs have a size: of the column of sizes. */
  readonly head?: string
  readonly shelf: Shelf
  /** What is compared, and where it ran. */
  readonly name: string
  readonly runs: ReadonlyArray<{
    readonly run: string
    /** Tokens of context, requests at once, or requests a second; of quantizations it is in the run. */
    readonly size?: number
    readonly ratio?: number
    readonly judgement?: Judgement
  }>
}

/** Runs that differ only in one number of their scenario. */
export interface PageLadder {
  readonly by: string
  readonly name: string
  readonly steps: ReadonlyArray<{ readonly run: string; readonly size: number }>
}

/** What grows along ladders: in the words of their scenario kind. */
export interface PageRaised extends Pick<Raised, "plot"> {
  readonly head: string
  readonly shelf: Shelf
}

/** Telemetry of a run: lines over seconds, by what they show. */
export interface PageTrace {
  readonly run: string
  readonly panels: ReadonlyArray<{
    readonly title: string
    readonly lines: ReadonlyArray<{
      readonly name: string
      readonly s: ReadonlyArray<number>
      readonly value: ReadonlyArray<number>
    }>
  }>
}

export interface PageMetric {
  readonly title: string
  /** Where the title is long: `TTFT`. */
  readonly label?: string
  readonly unit: string
  readonly better: "lower" | "higher"
  /** Two runs are compared by it. */
  readonly compared?: true
  /** It says how good answers are, not how fast. */
  readonly quality?: true
}

/** A machine in words. */
export interface PageHost {
  readonly name: string
  readonly short: string
  /** Memory of its largest device, GPU or processor, in bytes: what fits there needs no more. */
  readonly bytes: number
  /** Only described, for plans. */
  readonly planned?: true
}

/** A model with all its variants. */
export interface PageFamily {
  readonly name: string
  /** `135 M weights, context 8,192, Apache-2.0` */
  readonly facts: string
  /** Its page beside REGISTRY.md. */
  readonly href: string
  /** What its configs are for, as they say. */
  readonly use: string
}

/** A model as it may be run: quantization, engine, placement and options. */
export interface PageVariant {
  /** Its position in `families`. */
  readonly family: number
  readonly label: string
  /** Positions in `runs`. */
  readonly runs: ReadonlyArray<number>
  /** The one that stands for it in a table. */
  readonly shown: number
}

/** A model that is planned, and what its plan says. */
export interface PagePlanned {
  readonly id: string
  readonly name: string
  readonly family: number
  readonly task: Task
  readonly href: string
  readonly use: string
  readonly weights?: string
  readonly parameters?: number
  /** Of all devices together. */
  readonly bytes?: number
  /** The host it is planned on, and whether it fits there. */
  readonly host?: string
  readonly fits?: boolean
  /** `yes, 2 GPUs: 26.2 + 25.9 GiB, up to 61,440 tokens`, or why there is no answer. */
  readonly text: string
}

/** Ids of the metrics that are columns, or choices of a plot, in their order. */
export type PageColumns = Readonly<Record<Shelf, ReadonlyArray<string>>>

/** Everything that the page's script is given: it can't load the definitions of metrics. */
export interface PageData {
  readonly models: ReadonlyArray<PageModel>
  readonly runs: ReadonlyArray<PageRun>
  /** Runs that a later one of the same cell replaced, oldest first. */
  readonly earlier: ReadonlyArray<PageRun>
  readonly families: ReadonlyArray<PageFamily>
  readonly variants: ReadonlyArray<PageVariant>
  readonly planned: ReadonlyArray<PagePlanned>
  /** By fingerprint, or by the name of a description. */
  readonly hosts: Readonly<Record<string, PageHost>>
  readonly setups: ReadonlyArray<PageSetup>
  readonly proofs: ReadonlyArray<PageProof>
  readonly comparisons: ReadonlyArray<PageComparison>
  readonly ladders: ReadonlyArray<PageLadder>
  /** What plots of ladders say, by what grows along them. */
  readonly raised: Readonly<Record<string, PageRaised>>
  readonly traces: ReadonlyArray<PageTrace>
  readonly metrics: Readonly<Record<string, PageMetric>>
  readonly columns: Readonly<Record<"runs" | "sizes" | "ladders", PageColumns>>
  /** Ids of the metrics of quality that some run has. */
  readonly quality: ReadonlyArray<string>
  /** Ids of the metrics by which runs of a task are compared. */
  readonly roles: Readonly<Record<SoleRole, Readonly<Record<Task, string>>>>
  /** By code, as in the newest record that has it. */
  readonly reasons: Readonly<Record<string, PageReason>>
}

/**
 * The same, with runs made one by one as they are read: all at once they are as large as the values of their records.
 */
export interface PageSource extends Omit<PageData, "runs"> {
  readonly runs: Iterable<PageRun>
}
