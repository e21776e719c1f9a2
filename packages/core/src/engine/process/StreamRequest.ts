import type { Observer } from "../../scenario/Request.ts"
import { makeCompletionReader, type StreamedCompletion, type TokenObserver } from "./CompletionReader.ts"
import type { FailedRequest, HttpRequest, Transport } from "./Transport.ts"

/**
 * Sends a request for a streamed completion and reads the answer as it arrives. The returned function aborts it.
 * `onEnd` is called exactly at the end; the result is assembled when it is used.
 */
export const streamRequest = (
  transport: Transport,
  request: HttpRequest,
  observer: Pick<Observer, "sent"> & TokenObserver,
  onEnd: (end: () => StreamedCompletion | FailedRequest, lateMs?: number) => void,
): (() => void) => {
  const { done, end, read } = makeCompletionReader(observer)
  return transport.send(
    request,
    (failure, lateMs) => onEnd(() => (typeof failure === "string" ? end() : failure), lateMs),
    { sent: observer.sent, read, done },
  )
}
