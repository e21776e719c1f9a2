import type { PlannedRequest } from "./PlannedRequest.ts"

/** How the requests of a trial are sent. */
export type Load =
  /** The next request is sent when one has ended: closed loop. One stream sends them one after the other. */
  | { readonly kind: "streams"; readonly streams: number }
  /** The same for a duration, with as many requests as it takes. Running ones may finish. */
  | {
      readonly kind: "soak"
      readonly streams: number
      readonly durationMs: number
      readonly at: (index: number) => PlannedRequest
    }
  /** Each is sent at its own time, however many are running: open loop. */
  | { readonly kind: "arrivals" }
