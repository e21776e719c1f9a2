import { type AnyBackend, backendError, Crashed, type Session } from "@rigbook/core"
import { Effect } from "effect"
import type { BackendSubject } from "../../src/index.ts"

/** One fault each: the one case that finds it, and what it says. */
export interface Broken {
  readonly fault: string
  readonly with: (backend: AnyBackend) => Partial<AnyBackend>
  readonly subject?: (subject: BackendSubject) => Partial<BackendSubject>
  readonly fails: string
  readonly says: RegExp
}

export const fail = backendError("fake")
export const crashed = new Crashed({ detail: "It ended.", fix: "Look." })

/** A fault of the session: how `change` alters it, for one of the two tasks. */
export const session =
  (task: "generate" | "embed", change: (session: Session) => Partial<Session>) => (backend: AnyBackend) => ({
    open: (input: Parameters<AnyBackend["open"]>[0]) =>
      Effect.map(backend.open(input), (opened) => (input.task === task ? { ...opened, ...change(opened) } : opened)),
  })
/** A fault of `send`. */
export const sending = (task: "generate" | "embed", change: (send: Session["send"]) => Session["send"]) =>
  session(task, ({ send }) => ({ send: change(send) }))
export const completing = (task: "generate" | "embed", change: object) =>
  sending(
    task,
    (send) => (request, observer) => Effect.map(send(request, observer), (done) => ({ ...done, ...change })),
  )
