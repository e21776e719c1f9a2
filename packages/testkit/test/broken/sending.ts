import { type AnyBackend, Refused, type Session } from "@rigbook/core"
import { Effect } from "effect"
import { type Broken, crashed, fail, sending } from "./Broken.ts"

const loading = new Refused({ detail: "It is still loading.", fix: "Wait." })

/** Does this task, too, whichever it was opened for. */
const alsoDoing = (task: "generate" | "embed") => (backend: AnyBackend) => ({
  open: Effect.fnUntraced(function* (input: Parameters<AnyBackend["open"]>[0]) {
    const opened = yield* backend.open(input)
    if (input.task === task) return opened
    const other = yield* backend.open({ ...input, task })
    const send: Session["send"] = (request, observer) =>
      (request.task === task ? other : opened).send(request, observer)
    return { ...opened, send }
  }),
})

/** Holds long requests for 30 s, whoever interrupts them. */
const uninterruptible = (task: "generate" | "embed", isLong: (request: Parameters<Session["send"]>[0]) => boolean) =>
  sending(
    task,
    (send) => (request, observer) =>
      isLong(request)
        ? Effect.uninterruptible(Effect.andThen(Effect.sync(observer.sent), Effect.sleep("30 seconds"))).pipe(
            Effect.andThen(send(request, observer)),
          )
        : send(request, observer),
  )

/** Faults of a session that every task has: when it is ready, what it refuses, and how a request is ended. */
export const IN_SENDING: ReadonlyArray<Broken> = [
  {
    fault: "it does not do a task that it declares",
    with: (backend) => ({
      open: (input) => (input.task === "embed" ? Effect.fail(fail(crashed)) : backend.open(input)),
    }),
    fails: "embed: is ready once it is open, and answers",
    says: /declares the task embed, but does not do it: .*It ended/,
  },
  {
    fault: "it never tells when it sends",
    with: sending("generate", (send) => (request, observer) => send(request, { ...observer, sent: () => {} })),
    fails: "generate: reports when a request is sent: once, and before any chunk",
    says: /observer.sent is never called/,
  },
  {
    fault: "it takes any request",
    with: alsoDoing("embed"),
    fails: "generate: refuses the task that it was not opened for",
    says: /answers a request to embed/,
  },
  {
    fault: "a request can't be interrupted",
    with: uninterruptible("generate", (request) => request.task === "generate" && request.outputTokens > 100),
    fails: "generate: stops an interrupted request, and answers the next",
    says: /continues for more than 5 s after it was interrupted/,
  },
  {
    fault: "it is said to be open before it answers",
    with: (backend) => {
      let early = true
      return sending(
        "generate",
        (send) => (request, observer) =>
          early
            ? Effect.andThen(
                Effect.sync(() => void (early = false)),
                Effect.fail(fail(loading)),
              )
            : send(request, observer),
      )(backend)
    },
    fails: "generate: is ready once it is open, and answers",
    says: /It is still loading.* open must wait until the engine answers requests/,
  },
  {
    fault: "it never tells when it sends texts",
    with: sending("embed", (send) => (request, observer) => send(request, { ...observer, sent: () => {} })),
    fails: "embed: reports when a request is sent: once, and before any chunk",
    says: /observer.sent is never called/,
  },
  {
    fault: "it writes where it was opened to embed",
    with: alsoDoing("generate"),
    fails: "embed: refuses the task that it was not opened for",
    says: /answers a request to generate/,
  },
  {
    fault: "texts can't be interrupted",
    with: uninterruptible("embed", (request) => request.task === "embed" && request.texts.length > 100),
    fails: "embed: stops an interrupted request, and answers the next",
    says: /continues for more than 5 s after it was interrupted/,
  },
]
