import type { PlannedRequest } from "./PlannedRequest.ts"

/** How the requests of a trial follow each other. */
export type Load =
  /** The next request is sent when one has ended: closed loop. One stream sends them one after the other. */
  | { readonly kind: "streams"; readonly streams: number }
  /** The same until a time has passed, with as many requests as it takes. Those under way are let finish. */
  | {
      readonly kind: "soak"
      readonly streams: number
      readonly durationMs: number
      readonly at: (index: number) => PlannedRequest
    }
  /** Each is sent at its own time, however many are under way: open loop. */
  | { readonly kind: "arrivals" }
