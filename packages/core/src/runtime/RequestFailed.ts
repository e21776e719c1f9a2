import { Schema } from "effect"
import type { Exit } from "../Failing.ts"
import { BackendError, Reason } from "./BackendError.ts"
import { RequestFailureKind } from "./FailureKind.ts"

/**
 * One request failed, and the engine continues: a load counts it, or retries it. Without a load it ends the cell, and is
 * stored as a `BackendError`.
 */
export class RequestFailed extends Schema.TaggedError<RequestFailed>()("RequestFailed", {
  backend: Schema.NonEmptyString,
  kind: RequestFailureKind,
  reason: Reason,
  /** The end of the engine's log. */
  logTail: Schema.Array(Schema.String),
  /** The status that an HTTP server refused it with. */
  status: Schema.optionalKey(Schema.Int),
  /** Seconds after which the server accepts a retry. */
  retryAfterS: Schema.optionalKey(Schema.Finite),
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return this.asBackendError().message
  }

  /** What is stored if it ends a cell. */
  asBackendError(): BackendError {
    const { backend, kind, logTail, reason, retryAfterS, status } = this
    return new BackendError({
      backend,
      reason,
      logTail,
      kind,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })
  }
}

/**
 * A constructor for one backend's failures: `const failed = requestFailed("llamacpp")`. `failure` is what is known about
 * it, such as the `HttpFailure` of a server.
 */
export const requestFailed =
  (backend: string) =>
  (
    reason: Reason,
    { kind, retryAfterS, status }: Pick<RequestFailed, "kind" | "status" | "retryAfterS">,
    logTail: ReadonlyArray<string> = [],
  ): RequestFailed =>
    new RequestFailed({
      backend,
      kind,
      reason,
      logTail,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })
