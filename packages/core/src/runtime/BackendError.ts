import { Schema } from "effect"
import type { Exit } from "../Failing.ts"
import { FailureKind } from "./FailureKind.ts"

const detail = {
  /** What went wrong, in a sentence. */
  detail: Schema.NonEmptyString,
  /** What to do next, in a sentence. */
  fix: Schema.NonEmptyString,
}

/** The engine is not installed, or incomplete. */
export class NotInstalled extends Schema.TaggedError<NotInstalled>()("NotInstalled", detail) {}
/** A device or the host has too little memory. */
export class OutOfMemory extends Schema.TaggedError<OutOfMemory>()("OutOfMemory", detail) {}
/** The engine ended by itself. */
export class Crashed extends Schema.TaggedError<Crashed>()("Crashed", {
  ...detail,
  exitCode: Schema.optionalKey(Schema.Int),
}) {}
/** The engine answered with a refusal. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  ...detail,
  status: Schema.optionalKey(Schema.Int),
}) {}
/** The engine did not answer in time. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", { ...detail, afterMs: Schema.Finite }) {}
/** The model's files are missing, corrupt or of a kind that the engine can't load. */
export class BadModel extends Schema.TaggedError<BadModel>()("BadModel", detail) {}
/** The engine or the backend does not support the request. */
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", detail) {}
/** An interrupted run's files can't be read, or the cell's own files can't be written. */
export class BadFiles extends Schema.TaggedError<BadFiles>()("BadFiles", detail) {}

/** Why a backend could not do its work: closed, so that each kind can be handled by its `_tag`. */
export const Reason = Schema.Union([
  NotInstalled,
  OutOfMemory,
  Crashed,
  Refused,
  TimedOut,
  BadModel,
  Unsupported,
  BadFiles,
])
export type Reason = typeof Reason.Type

/**
 * Why a backend could not do its work: its engine ended, was not ready, or does not support what was requested. `reason` is
 * closed; the end of the engine's log is kept with it. One failed request of an engine that continues is a `RequestFailed`.
 */
export class BackendError extends Schema.TaggedError<BackendError>()("BackendError", {
  backend: Schema.NonEmptyString,
  reason: Reason,
  logTail: Schema.Array(Schema.String),
  /** How the request failed that ended a cell, if it was one. */
  kind: Schema.optionalKey(FailureKind),
  status: Schema.optionalKey(Schema.Int),
  /** Seconds after which the server accepts a retry. */
  retryAfterS: Schema.optionalKey(Schema.Finite),
}) {
  get exit(): Exit {
    return this.reason._tag === "NotInstalled" ? "usage" : "failed"
  }

  override get message(): string {
    return `${this.backend}: ${this.reason.detail} ${this.reason.fix}`
  }
}

/**
 * A constructor for one backend's errors: `const fail = backendError("llamacpp")`. `failure` is for plugins of contract 1,
 * which had no `RequestFailed`.
 */
export const backendError =
  (backend: string) =>
  (
    reason: Reason,
    logTail: ReadonlyArray<string> = [],
    { kind, retryAfterS, status }: RequestFailure = {},
  ): BackendError =>
    new BackendError({
      backend,
      reason,
      logTail,
      ...(kind === undefined ? {} : { kind }),
      ...(status === undefined ? {} : { status }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })

type RequestFailure = Partial<Pick<BackendError, "kind" | "status" | "retryAfterS">>
