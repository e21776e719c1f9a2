import { Schema } from "effect"
import type { Exit } from "../../Failing.ts"
import { RequestFailureKind } from "../../runtime/FailureKind.ts"

/** A request that a server refused, or an answer that was incomplete or invalid. */
export class HttpFailure extends Schema.TaggedError<HttpFailure>()("HttpFailure", {
  path: Schema.String,
  kind: RequestFailureKind,
  /** Left out if there was no answer. */
  status: Schema.optionalKey(Schema.Int),
  /** Seconds after which the server accepts a retry, by its `Retry-After`. */
  retryAfterS: Schema.optionalKey(Schema.Finite),
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}: ${this.status === undefined ? "" : `HTTP ${this.status}: `}${this.detail}`
  }
}
