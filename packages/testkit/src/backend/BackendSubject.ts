import type { Host, ModelFiles, PlacementRequest, Prompt, Request, Session, Task } from "@rigbook/core"
import type { Effect, Scope } from "effect"

/** What the suite needs to try a backend out: the author's, made once for all cases. */
export interface BackendSubject {
  /** The backend's options, as they stand in a model's config. */
  readonly options: unknown
  /** A model for each task that the backend declares, small enough to be loaded often. */
  readonly models: Readonly<Partial<Record<Task, ModelFiles>>>
  /** Where the models are put, as in a config; `auto` if left out. */
  readonly placement?: PlacementRequest
  /** The host to place on; this machine if left out. */
  readonly host?: Host
  /** What is asked; plain English if left out. */
  readonly prompt?: Prompt
  readonly texts?: ReadonlyArray<string>
  readonly limits?: Partial<Limits>
  readonly faults?: Faults
}

/** How long the suite waits. */
export interface Limits {
  /** Longest time in which a model is loaded; 300,000 ms if left out. */
  readonly openMs: number
  /** Longest time that one answer takes; 300,000 ms if left out. */
  readonly answerMs: number
  /** Silence after which a request to an engine that hangs is given up; 1,000 ms if left out. */
  readonly stallMs: number
  /** Longest time in which an engine is gone once it is closed, or an error told; 30,000 ms if left out. */
  readonly endMs: number
}

export const LIMITS: Limits = { openMs: 300_000, answerMs: 300_000, stallMs: 1_000, endMs: 30_000 }

/**
 * Faults that only the author can bring about. The case of one that is left out is shown as not run. Options stand in
 * place of the subject's.
 */
export interface Faults {
  /** Options that name a program which is not there. */
  readonly missingProgram?: unknown
  /** Options that are well formed, and that the engine can't honour here. */
  readonly unsupported?: unknown
  /** Options, a request, or both, that take more memory than there is. */
  readonly outOfMemory?: { readonly options?: unknown; readonly request?: Request }
  /** Options whose engine leaves a child of its own behind that is deaf to SIGTERM; see `withDeafChild`. */
  readonly deafChild?: unknown
  /** Makes the engine hang until the scope closes. By default its processes are sent SIGSTOP. */
  readonly freeze?: (session: Session) => Effect.Effect<void, never, Scope.Scope>
  /** Ends the engine from outside. By default its processes are sent SIGKILL. */
  readonly kill?: (session: Session) => Effect.Effect<void>
}
