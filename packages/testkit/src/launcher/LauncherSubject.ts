import type { Connection, HostAway, LaunchError, LaunchUnit, Shape } from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import type { Effect, Scope } from "effect"

/** What the suite needs to test a launcher: provided by the author, made once for all cases. */
export interface LauncherSubject<R = never> {
  /** Connects to one host, as a program does that has just been started. */
  readonly connect: Effect.Effect<Connection<R>, LaunchError | HostAway, R | Scope.Scope>
  /** The workspace that records are brought into. */
  readonly workspace: Workspace
  /** A unit of one cell that is over in seconds: the same for the same number, another one for another number. */
  readonly short: (number: number) => LaunchUnit
  /** A unit of one cell that would take minutes. */
  readonly long: (number: number) => LaunchUnit
  /** A unit that the host accepts and its machine can't run, such as with prompts that it does not have. */
  readonly failing?: LaunchUnit
  /** A shape that the host never has. */
  readonly impossible?: Shape
  /** What still runs of any unit, found without the connection: ids of processes or jobs. */
  readonly running: Effect.Effect<ReadonlyArray<string>>
  /** What no record may contain: addresses, accounts, paths of keys. */
  readonly secrets?: ReadonlyArray<string>
  /** Whether units run on when the connection closes; `true` by default. Only those of this process don't. */
  readonly outlives?: boolean
  /** Longest wait for a short unit to end, and for a long one to begin; 300,000 ms by default. */
  readonly unitMs?: number
}
