import type { Effect, Scope } from "effect"
import type { Backend, Machine, Memory, OpenInput, Preparing, ProbeOptions, Session } from "./Backend.ts"
import type { ModelFacts, ModelFiles } from "./model/Model.ts"
import type { BackendError } from "./runtime/BackendError.ts"
import type { Runtime } from "./runtime/Runtime.ts"

/** A member of a group, by what it needs: `undefined` where it may be left out. */
type Each<Group, Key extends keyof Group> = Pick<Group, Key>

/** A backend whose members each need services of their own. */
interface Parts<Config, Probe, Inspect, Open, Ask, Prepare, Prepared, Check, Unusable, Setup, Builds> extends Omit<
  Backend<Config>,
  "probe" | "inspect" | "open" | "memory" | "files" | "machine"
> {
  readonly probe: (config: Config, options?: ProbeOptions) => Effect.Effect<Runtime, BackendError, Probe>
  readonly inspect: (files: ModelFiles) => Effect.Effect<ModelFacts, BackendError, Inspect>
  readonly open: (input: OpenInput<Config>) => Effect.Effect<Session, BackendError, Open>
  readonly memory?: Memory<Config, Ask>
  readonly files?: Omit<Preparing<Prepare>, "prepared"> & Each<Preparing<Prepared>, "prepared">
  readonly machine?: Omit<Machine<Config>, "check" | "unusable" | "setup" | "builds"> &
    Each<Machine<Config, Check>, "check"> &
    Each<Machine<Config, Unusable>, "unusable"> &
    Each<Machine<Config, Setup>, "setup"> &
    Each<Machine<Config, Builds>, "builds">
}

/**
 * A backend as it is given. It lets the compiler find `Config`, and what `open` and `send` are given by it; what the
 * members need of the program, each for itself, becomes what the backend needs.
 */
export const makeBackend = <
  Config,
  Probe = never,
  Inspect = never,
  Open = never,
  Ask = never,
  Prepare = never,
  Prepared = never,
  Check = never,
  Unusable = never,
  Setup = never,
  Builds = never,
>(
  backend: Parts<Config, Probe, Inspect, Open, Ask, Prepare, Prepared, Check, Unusable, Setup, Builds>,
): Backend<
  Config,
  Probe | Inspect | Exclude<Open, Scope.Scope> | Ask | Prepare | Prepared | Check | Unusable | Setup | Builds
> => backend as never
