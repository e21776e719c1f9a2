import { Schema } from "effect"
import type { Exit } from "../../Failing.ts"
import { RequestFailureKind } from "../../runtime/FailureKind.ts"

/** A request that a server refused, or an answer that broke off or was not to be understood. */
export class HttpFailure extends Schema.TaggedError<HttpFailure>()("HttpFailure", {
  path: Schema.String,
  kind: RequestFailureKind,
  /** Left out when there was no answer. */
  status: Schema.optionalKey(Schema.Int),
  /** Seconds after which the server wants to be asked again, by its `Retry-After`. */
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
