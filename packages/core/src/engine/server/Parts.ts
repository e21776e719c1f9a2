import { Deferred, Effect, type PlatformError, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { Crashed } from "../../runtime/BackendError.ts"
import { type EngineProcess, engineProcess, type EngineProcessSpec } from "../process/EngineProcess.ts"

/** A program that holds a part of a server's model on another machine of the unit. */
export interface Part extends Pick<EngineProcessSpec, "command" | "args" | "env"> {
  /** Name of that machine. */
  readonly node: string
}

/** A part that has ended. */
export interface PartEnd {
  readonly node: string
  readonly exitCode: number
  readonly logTail: ReadonlyArray<string>
}

/** The parts of a server that were started. */
export interface Parts {
  /** Waits for the end of any of them. */
  readonly ended: Effect.Effect<PartEnd>
  /** The one that ended before the server did; `undefined` if there is none, or none has ended. */
  readonly first: (
    server: Pick<EngineProcess, "exited">,
  ) => Effect.Effect<() => PartEnd | undefined, never, Scope.Scope>
}

/**
 * Starts the parts of a server, each until the scope closes, with a log beside the server's: `engine.node2.log`. Fails with
 * `PlatformError` if one can't be started.
 */
export const startParts: (
  parts: ReadonlyArray<Part>,
  logFile: string,
) => Effect.Effect<Parts, PlatformError.PlatformError, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> =
  Effect.fn("Parts.startParts")(function* (parts, logFile) {
    const end = yield* Deferred.make<PartEnd>()
    for (const [at, { node, ...command }] of parts.entries()) {
      const process = yield* engineProcess({ ...command, logFile: logFile.replace(/(\.log)?$/, `.node${at + 2}.log`) })
      yield* process.exited.pipe(
        Effect.flatMap((exitCode) => Deferred.succeed(end, { node, exitCode, logTail: process.logTail() })),
        Effect.forkScoped({ startImmediately: true }),
      )
    }
    return {
      ended: Deferred.await(end),
      first: Effect.fnUntraced(function* (server) {
        let found: PartEnd | undefined
        yield* Deferred.await(end).pipe(
          Effect.tap((part) => Effect.sync(() => void (found = part))),
          Effect.raceFirst(server.exited),
          Effect.forkScoped({ startImmediately: true }),
        )
        return () => found
      }),
    }
  })

/** Why a server failed whose part has ended. Pure. */
export const partReason = (name: string, { exitCode, logTail, node }: PartEnd): Crashed => {
  const how = exitCode > 128 ? `was ended by signal ${exitCode - 128}` : `ended with exit code ${exitCode}`
  const last = logTail.findLast((line) => line.trim() !== "")
  return new Crashed({
    detail: `The part of ${name} on ${node} ${how}${last === undefined ? "" : `; its last line: ${last.trim()}`}.`,
    fix: "Read that part's log, which is beside the engine's.",
    exitCode,
  })
}
