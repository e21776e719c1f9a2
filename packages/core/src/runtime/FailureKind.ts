import { Schema } from "effect"

/** Every way in which one request fails while the engine goes on. */
const REQUESTS = [
  /** The server answered with a status that is no success; the sample holds the status. */
  "refused",
  /** There was no connection. */
  "unreachable",
  /** The connection ended before the head of an answer. */
  "no-answer",
  /** The server answered with success, but with something that is no event stream. */
  "wrong-type",
  /** The connection was reset in the middle of an answer. */
  "reset",
  /** The answer ended in the middle. */
  "truncated",
  /** An event was no JSON. */
  "malformed",
  /** Text was no UTF-8. */
  "bad-utf8",
  /** The server sent an error instead of an event. */
  "error-event",
  /** The answer ended in order, but without a single token. */
  "empty",
  /** The answer was whole, but the closing `[DONE]` was missing. */
  "no-done",
  /** No token came within the deadline for the first. */
  "no-first-token",
  /** After the first, no token came within the deadline for a gap. */
  "stalled",
  /** The whole took longer than its deadline. */
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
  /** The engine ended, or can't do what the request is for: see `BackendError`. */
  "engine",
]).annotate({ identifier: "FailureKind" })
export type FailureKind = typeof FailureKind.Type
