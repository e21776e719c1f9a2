import { Schema } from "effect"

/** Every way in which one request fails while the engine continues. */
const REQUESTS = [
  /** The server answered with an error status; the sample has the status. */
  "refused",
  /** There was no connection. */
  "unreachable",
  /** The connection ended before the head of an answer. */
  "no-answer",
  /** The server answered with success, but not with an event stream. */
  "wrong-type",
  /** The connection was reset in the middle of an answer. */
  "reset",
  /** The answer was incomplete. */
  "truncated",
  /** An event was not JSON. */
  "malformed",
  /** Text was not UTF-8. */
  "bad-utf8",
  /** The server sent an error instead of an event. */
  "error-event",
  /** The answer ended in order, but without a single token. */
  "empty",
  /** The answer was complete, but the closing `[DONE]` was missing. */
  "no-done",
  /** The first token did not arrive within its deadline. */
  "no-first-token",
  /** A later token did not arrive within the deadline for a gap. */
  "stalled",
  /** The request took longer than its deadline. */
  "too-slow",
] as const

/** How one request fails: see `RequestFailed`. */
export const RequestFailureKind = Schema.Literals(REQUESTS)
export type RequestFailureKind = typeof RequestFailureKind.Type

/**
 * How a request of a sample failed. Each that failed has exactly one kind; none of them enters the statistics of
 * latency.
 */
export const FailureKind = Schema.Literals([
  ...REQUESTS,
  /** The engine ended, or does not support the request: see `BackendError`. */
  "engine",
]).annotate({ identifier: "FailureKind" })
export type FailureKind = typeof FailureKind.Type
