import type { AnyBackend } from "@rigbook/core"
import { Effect } from "effect"
import { type Broken, crashed, fail, sending } from "./Broken.ts"

/** Answers for an engine that has crashed, at some of the requests that find it so, counted from 1. */
const answering = (at: (crash: number) => boolean) => (backend: AnyBackend) => {
  let crashes = 0
  return sending(
    "embed",
    (send) => (request, observer) =>
      Effect.catchIf(
        send(request, observer),
        ({ reason }) => reason._tag === "Crashed" && at(++crashes),
        () => Effect.succeed({}),
      ),
  )(backend)
}

/** Faults of how it ends: deadlines, crashes and too little memory. */
export const IN_ENDINGS: ReadonlyArray<Broken> = [
  {
    fault: "it knows no deadline for opening",
    with: (backend) => ({
      open: (input) =>
        input.openTimeoutMs === 1
          ? Effect.andThen(Effect.sleep("10 seconds"), backend.open(input))
          : backend.open(input),
    }),
    fails: "keeps the deadline for opening",
    says: /though openTimeoutMs is 1/,
  },
  {
    fault: "a request outlives core's deadline",
    with: (backend) => ({
      open: (input) =>
        Effect.map(backend.open(input), (opened) => ({
          ...opened,
          send: (request, observer) =>
            Effect.suspend(() => opened.send(request, observer)).pipe((sending) =>
              frozenNow ? Effect.uninterruptible(Effect.andThen(Effect.sleep("3 seconds"), sending)) : sending,
            ),
        })),
    }),
    subject: ({ faults = {} }) => ({
      faults: {
        ...faults,
        freeze: (opened) =>
          Effect.andThen(
            faults.freeze!(opened),
            Effect.acquireRelease(
              Effect.sync(() => void (frozenNow = frozen++ === 0)),
              () => Effect.sync(() => void (frozenNow = false)),
            ),
          ),
      },
    }),
    fails: "lets core's deadline end a request to a hanging engine",
    says: /outlives core's deadline: make send interruptible/,
  },
  {
    fault: "it takes half an answer for a whole one",
    with: answering((crash) => crash === 1),
    fails: "reports an engine killed in the middle of an answer as Crashed",
    says: /counts as having answered/,
  },
  {
    fault: "it answers for an engine that has gone",
    with: answering((crash) => crash > 1),
    fails: "a crashed engine stays crashed",
    says: /is answered, though there is no engine/,
  },
  {
    fault: "it calls too little memory a crash",
    with: (backend) => ({
      open: (input) =>
        Effect.mapError(backend.open(input), (error) => (error.reason._tag === "OutOfMemory" ? fail(crashed) : error)),
    }),
    fails: "reports too little memory as OutOfMemory",
    says: /fails with Crashed, but must fail with OutOfMemory/,
  },
]

let frozenNow = false
let frozen = 0
