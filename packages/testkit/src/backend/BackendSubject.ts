import type { Host, ModelFiles, PlacementRequest, Prompt, Request, Session, Task } from "@rigbook/core"
import type { Effect, Scope } from "effect"

/** What the suite needs to test a backend: provided by the author, made once for all cases. */
export interface BackendSubject {
  /** The backend's options, as in a model's config. */
  readonly options: unknown
  /** A model for each task that the backend declares, small enough to be loaded often. */
  readonly models: Readonly<Partial<Record<Task, ModelFiles>>>
  /** The models' placement, as in a config; `auto` by default. */
  readonly placement?: PlacementRequest
  /** The host to place on; by default this machine. */
  readonly host?: Host
  /** The prompts; plain English by default. */
  readonly prompt?: Prompt
  readonly texts?: ReadonlyArray<string>
  readonly limits?: Partial<Limits>
  readonly faults?: Faults
}

/** How long the suite waits. */
export interface Limits {
  /** Longest time to load a model; 300,000 ms by default. */
  readonly openMs: number
  /** Longest time for one answer; 300,000 ms by default. */
  readonly answerMs: number
  /** Silence after which a request to a hanging engine is abandoned; 1,000 ms by default. */
  readonly stallMs: number
  /** Longest time until an engine has ended after closing, or an error is reported; 30,000 ms by default. */
  readonly endMs: number
}

export const LIMITS: Limits = { openMs: 300_000, answerMs: 300_000, stallMs: 1_000, endMs: 30_000 }

/**
 * Faults that only the author can cause. The case of a missing one is shown as not run. Options replace
 * the subject's.
 */
export interface Faults {
  /** Options that name a missing program. */
  readonly missingProgram?: unknown
  /** Valid options that the engine does not support here. */
  readonly unsupported?: unknown
  /** Options, a request, or both, that need more memory than there is. */
  readonly outOfMemory?: { readonly options?: unknown; readonly request?: Request }
  /** Options whose engine leaves a child behind that ignores SIGTERM; see `withDeafChild`. */
  readonly deafChild?: unknown
  /** Makes the engine hang until the scope closes. By default its processes are sent SIGSTOP. */
  readonly freeze?: (session: Session) => Effect.Effect<void, never, Scope.Scope>
  /** Ends the engine from outside. By default its processes are sent SIGKILL. */
  readonly kill?: (session: Session) => Effect.Effect<void>
}
