import type { Effect, FileSystem, Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import type { OpenInput } from "../../Backend.ts"
import type { BackendError, Reason } from "../../runtime/BackendError.ts"
import type { Effective, Runtime } from "../../runtime/Runtime.ts"
import type { Completion, DraftCounts, GenerateRequest } from "../../scenario/Request.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import type { MemoryCeiling } from "../process/MemoryCeilings.ts"
import type { OpenAiClient } from "../process/OpenAiClient.ts"
import type { Part } from "./Parts.ts"

/** The services that starting a process needs. */
export type ServerServices = ChildProcessSpawner.ChildProcessSpawner | FileSystem.FileSystem

/** How a server is started: on `port` of loopback, with `nonce` as the model's name. */
export interface StartInput<Config> extends OpenInput<Config> {
  readonly port: number
  readonly nonce: string
}

/** A server's command line; `context` is what `effective` needs from it. */
export interface Started<Context> {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Its whole environment; see `scrubbedEnvironment`. */
  readonly env: Readonly<Record<string, string>>
  readonly context: Context
  /**
   * What runs on other machines of the unit for it: started before it and ended after it. Where one ends by itself, the
   * engine has failed.
   */
  readonly parts?: ReadonlyArray<Part>
}

/** A server started by others: its process and its log are unknown. */
export interface Attached<Context> {
  readonly client: OpenAiClient
  /** The model's name there. */
  readonly model: string
  readonly context: Context
  /** As `OwnServer.refusesLonger`. */
  readonly refusesLonger?: boolean
}

/** The end of a server's process. */
export interface ServerEnd {
  /** Or 128 + the signal's number. */
  readonly exitCode: number
  readonly log: ReadonlyArray<string>
  /** What the kernel reports, if it killed the process because memory ran out. */
  readonly shortage: string | undefined
}

/** An end before the server was ready. */
export interface EarlyEnd<Config> extends Pick<ServerEnd, "exitCode"> {
  readonly log: string
  readonly input: OpenInput<Config>
  /** The most that the process could have allocated. */
  readonly ceilings: ReadonlyArray<MemoryCeiling>
}

/** How failures are explained for one engine; each has a default that names the engine. */
export interface ServerReasons<Config> {
  readonly ended?: (end: ServerEnd) => Reason
  readonly refused?: (failure: HttpFailure, config: Config) => Reason
  readonly unready?: (afterMs: number, shortage: string | undefined) => Reason
  /**
   * Seconds in which the end of the engine may explain a failed request: after that, or for `undefined`, the failure
   * is reported itself. Default: 2 if there was no answer.
   */
  readonly dying?: (failure: HttpFailure) => number | undefined
  /** Which process ended first, if one of several takes the others with it. Default: the server. */
  readonly first?: (
    exitCode: number,
    log: ReadonlyArray<string>,
  ) => { readonly exitCode: number; readonly pids: ReadonlyArray<number> }
  /** Whether memory ran out at an early end, inferred without the engine's last lines. */
  readonly inferred?: (end: EarlyEnd<Config>) => string | undefined
  /** What to do if its program can't be started. */
  readonly missing?: string
}

/** How requests are sent to any OpenAI-compatible server. */
export interface ServerRequests<Config> {
  /** In errors: `llama-server`. */
  readonly name: string
  /** Fields added to each request to generate: greedy, of exact length unless that is natural, nothing cached. */
  readonly body: (request: GenerateRequest, config: Config, runtime: Runtime) => Readonly<Record<string, unknown>>
  /** A completion with what the last chunk reported beside it, such as the engine's own times. */
  readonly completion?: (completion: Completion, last: Readonly<Record<string, unknown>>) => Completion
  /** Texts that are computed at once, and the option that sets them. Default: as many as a call has. */
  readonly slots?: (config: Config) => readonly [option: string, count: number]
  readonly reasons?: ServerReasons<Config>
  /** The server's message, without what must not be shown. */
  readonly shown?: (said: string, config: Config) => string
}

/** The input of `effective`, from a ready server. */
export interface Ready<Config, Context, Proof> {
  readonly proof: Proof
  readonly context: Context
  /** Its output so far; empty for a server started by others. */
  readonly log: string
  readonly client: OpenAiClient
  readonly input: OpenInput<Config>
}

/** A server of ours. */
export interface OwnServer<Config, Context, Proof, R> extends ServerRequests<Config> {
  readonly attach?: never
  readonly command: (input: StartInput<Config>) => Effect.Effect<Started<Context>, BackendError, R | Scope.Scope>
  /**
   * Repeated until it succeeds: then the server is ready and proven to be ours, since on a configured port another
   * program may answer.
   */
  readonly prove: (client: OpenAiClient, nonce: string) => Effect.Effect<Proof, unknown>
  readonly effective: (ready: Ready<Config, Context, Proof>) => Effect.Effect<Effective, HttpFailure>
  /** The configured port. Default: a free one. */
  readonly port?: (config: Config) => number | undefined
  /** What the log must contain before it is read: the log runs a little behind HTTP. */
  readonly logged?: RegExp
  /** Keep connections from one request to the next: only for servers that keep theirs. */
  readonly keepAlive?: boolean
  /** Texts to embed that are longer than its limit are refused. Default: they may be cut, unknown to us. */
  readonly refusesLonger?: boolean
  /** See `Session.drafts`. Default, or `undefined`: completions have the counts, if any. */
  readonly drafts?: (client: OpenAiClient, config: Config) => Effect.Effect<DraftCounts, HttpFailure> | undefined
}

/** A server started by others. */
export interface AttachedServer<Config, Context, R> extends ServerRequests<Config> {
  readonly command?: never
  readonly attach: (input: OpenInput<Config>) => Effect.Effect<Attached<Context>, BackendError, R | Scope.Scope>
  readonly effective: (ready: Ready<Config, Context, undefined>) => Effect.Effect<Effective, HttpFailure>
}
