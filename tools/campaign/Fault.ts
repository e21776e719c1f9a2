import type { Draws } from "./Draws.ts"
import type { CommandResult } from "./CommandResult.ts"
import type { FaultyServer } from "./FaultyServer.ts"

/** What may never happen, whatever is done to Rigbook. */
export const INVARIANTS = {
  "no-trace": "no stack trace and no unexpected error reaches anybody",
  "bounded-time": "every command ends",
  "bounded-memory": "no command takes more memory than a run",
  "no-secret": "no secret is in what is printed or written",
  "no-outside-file": "nothing of a file outside the workspace is in what is printed or written",
  "no-control-characters": "nothing that steers a terminal is printed",
  "no-orphan": "no process outlives a run",
  "no-lost-trial": "a trial that was finished is in the record",
  "no-foreign-figure": "no figure is one of another server",
  "damage-found": "verify finds what was changed in a record",
  "exit-code": "the exit code and the message say what was wrong, and where",
  usable: "afterwards verify is clean and run resumes",
} as const
export type Invariant = keyof typeof INVARIANTS

/** What a fault has brought to light. */
export interface Violation {
  readonly invariant: Invariant
  readonly detail: string
}

/** What a fault is injected into: a workspace of its own with two measured cells. */
export interface Testbed {
  readonly root: string
  /** Carries a command out in a process that stays. The invariants that hold for each command are checked. */
  readonly command: (args: ReadonlyArray<string>, options?: CommandOptions) => Promise<CommandResult>
  /** The same by the program itself: a process of its own, below a shell that may first limit it. */
  readonly program: (args: ReadonlyArray<string>, options?: ProgramOptions) => Promise<CommandResult>
  /** The address of a server that does not lie. */
  readonly url: string
  readonly faulty: FaultyServer
  /** Checks what is written, except where it was put: no secret, nothing of a file outside. */
  readonly check: (except?: ReadonlyArray<string>) => void
  /** Folders of records that are not of the beginning. */
  readonly newRecords: () => ReadonlyArray<string>
  /** Removes them, with their reports, as somebody would who cleans up. */
  readonly removeNewRecords: () => Promise<void>
  /** Runs until these configs have records whose trials are complete, each once. Fails as `usable`. */
  readonly settled: (configs: ReadonlyArray<string>) => Promise<void>
  readonly violated: (invariant: Invariant, detail: string) => void
}

export interface CommandOptions {
  /** The wall clock jumps this long after the command began, by so much. */
  readonly jumps?: ReadonlyArray<{ readonly afterMs: number; readonly byMs: number }>
}

export interface ProgramOptions {
  /** Lines of shell before the program, which is `"$@"`; it ends with the program. */
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with the id of the process when it has started. */
  readonly meanwhile?: (pid: number) => Promise<void>
}

/** A kind of fault. Its case is plain data, so that it can be printed, repeated and made smaller. */
export interface Kind<Case = never> {
  readonly name: string
  /** Of a thousand faults so many are of this kind. */
  readonly share: number
  readonly draw: (draws: Draws) => Case
  /** Injects it, and checks what has to hold while it lasts. What it changed is put back, or is its own. */
  readonly inject: (fault: Case, testbed: Testbed) => Promise<void>
}

/** A kind whose cases only it understands. */
export type AnyKind = Kind<unknown>
export const kind = <Case>(made: Kind<Case>): AnyKind => made as unknown as AnyKind
