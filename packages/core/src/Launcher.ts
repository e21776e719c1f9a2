import { type Effect, Schema, type Scope } from "effect"
import type { Exit } from "./Failing.ts"
import type { HostFacts } from "./launch/HostFacts.ts"
import type { Observation } from "./launch/Observation.ts"
import type { Shape, LaunchUnit } from "./launch/LaunchUnit.ts"

const failure = {
  /** Name of the host, as configs and `--on` name it. */
  host: Schema.NonEmptyString,
  detail: Schema.NonEmptyString,
  fix: Schema.NonEmptyString,
}
const sentences = ({ detail, fix, host }: { readonly [K in keyof typeof failure]: string }): string =>
  `${host}: ${detail} ${fix}`

/** A host can't do what was requested, and trying again would not help: what is wrong, and what to do. */
export class LaunchError extends Schema.TaggedError<LaunchError>()("LaunchError", failure) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return sentences(this)
  }
}

/** A host, or what schedules its units, can't be reached now. It says nothing about units: they run on. */
export class HostAway extends Schema.TaggedError<HostAway>()("HostAway", failure) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return sentences(this)
  }
}

/** No unit of this shape can ever run on the host: why, and what to do. */
export class ShapeRefused extends Schema.TaggedError<ShapeRefused>()("ShapeRefused", failure) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    return sentences(this)
  }
}

/** A file that a unit needs and its host does not have. */
export interface MissingFile {
  /** Its path, as the unit's config names it. */
  readonly path: string
  readonly bytes: number
}

/** What was submitted. */
export interface Submitted {
  /** What the host calls it: a process, a job. For people: units are named by their own name everywhere. */
  readonly id: string
  /** Whether the host already knew a unit of this name, which was left as it is. */
  readonly adopted: boolean
}

/** A unit to observe. */
export interface Watched {
  readonly name: string
  /** How many of its lines are already known: only later ones are returned. */
  readonly after: number
}

/**
 * A host that units run on. The worker is Rigbook itself: client and engine are on one machine, which plans the cells
 * again, proves them and writes their records. A connection is only a view: units belong to the host and run on when
 * it closes, breaks, or when the program that holds it is killed. Another connection finds them by name.
 *
 * Every member can be called again at any time, also while another call is running, and after one that failed
 * half-way: nothing is done twice. Each fails with `HostAway` if the host can't be reached now, and with `LaunchError`
 * if it never can do this.
 */
export interface Connection<R = never> {
  /** What a machine of the host reports of itself: of one that units run on, not of one that only accepts them. */
  readonly facts: Effect.Effect<HostFacts, LaunchError | HostAway, R>
  /**
   * Whether a unit of this shape can run there at all. Fails with `ShapeRefused` if it never can, whatever else runs
   * there now. Submits nothing.
   */
  readonly check: (shape: Shape) => Effect.Effect<void, ShapeRefused | LaunchError | HostAway, R>
  /** Files of the unit's models that would have to be copied there. Copies nothing. Left out if the host has this one's disk. */
  readonly missing?: (unit: LaunchUnit) => Effect.Effect<ReadonlyArray<MissingFile>, LaunchError | HostAway, R>
  /**
   * Starts a unit, or queues it until its machine is free: no two units run on one machine at the same time. What it
   * needs is brought there first: the program, prompts, models. It looks for a unit of this name before, and leaves one
   * that waits, runs or has ended as it is: so who was killed while submitting just submits again. From when it returns,
   * the unit is no longer unknown to `observe`.
   */
  readonly submit: (unit: LaunchUnit) => Effect.Effect<Submitted, LaunchError | HostAway, R>
  /**
   * Where these units are now, by name, each with its lines after those that are known. Returns at once, or when there
   * is something new; at the latest after a few seconds. A unit that the host does not know is `unknown`, and no
   * failure. An ended unit stays ended, with the same outcome.
   */
  readonly observe: (
    units: ReadonlyArray<Watched>,
  ) => Effect.Effect<ReadonlyMap<string, Observation>, LaunchError | HostAway, R>
  /**
   * Ends a unit. When it returns, nothing of the unit runs any more, nor will: no worker, no engine, no job. Does
   * nothing to a unit that has ended or is unknown. What was measured until then is kept to be resumed.
   */
  readonly cancel: (name: string) => Effect.Effect<void, LaunchError | HostAway, R>
  /**
   * Brings the records of a unit home, with everything beside them, into the workspace that was given to `connect`,
   * each verified before it is there (`adoptRecord`). Returns their ids, in the order of the unit's cells; a cell that
   * has no record, such as a rung above the end of a ramp, is left out. Called again, it returns the same ids and
   * changes nothing. Records of another attempt that ran on are not among them. Of an unknown unit there are none.
   */
  readonly collect: (unit: LaunchUnit) => Effect.Effect<ReadonlyArray<string>, LaunchError | HostAway, R>
  /**
   * Removes what the host keeps of this workspace's units beside their records, such as their lines, once `collect` has
   * brought home all that such a unit or a later attempt of it measured. Units that are named by `kept` stay, as do all
   * that can still be collected. A unit that is removed is unknown from then on. Left out if nothing is kept.
   */
  readonly tidy?: (kept: ReadonlySet<string>) => Effect.Effect<void, LaunchError | HostAway, R>
  /**
   * Copies the records of any workspace there, and its prompt sets, into the empty folder `into` here, which is then laid out as
   * a workspace. `folder` is absolute there, or relative to the user's home; records whose ids are `known` are left out.
   * Nothing is verified. Left out if the host has this one's disk.
   */
  readonly copyWorkspace?: (
    folder: string,
    known: ReadonlySet<string>,
    into: string,
  ) => Effect.Effect<void, LaunchError | HostAway, R>
}

/** Which host to connect to, and what for. */
export interface LaunchTarget {
  /** Name of the host, as configs and `--on` name it. */
  readonly name: string
  /** Where it is, in the launcher's own form: for ssh `user@box`. It is never in a record. */
  readonly address: string
  /** What follows the name after a colon: of `cluster:gpu` it is `gpu`. */
  readonly part?: string
  /** What the host reported when it was last checked, so that `check` need not ask again. */
  readonly known?: HostFacts
  /** The workspace here, by absolute paths: its root, and the folder of its records. */
  readonly workspace: { readonly root: string; readonly raw: string }
  /** Rigbook here, for a host that has no other: the file that Node runs, and the folders of the plugins to bring. */
  readonly program: { readonly entry: string; readonly plugins: ReadonlyArray<string> }
}

/** A way to reach hosts: a plain value, as `Backend` is. A new one is tried with `launcherSuite` of @rigbook/testkit. */
export interface Launcher<R = never> {
  readonly id: string
  /** One line for people: what it runs units on. */
  readonly description: string
  /**
   * Connects, and closes the connection with the scope; units run on. Fails with `LaunchError` if the address is none,
   * with `HostAway` if it does not answer now.
   */
  readonly connect: (target: LaunchTarget) => Effect.Effect<Connection<R>, LaunchError | HostAway, R | Scope.Scope>
}
