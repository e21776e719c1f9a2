import { FILE_LIMITS } from "@rigbook/core"
import { captureHost, readOrder, runOrder } from "@rigbook/runner"
import { Effect, Stdio, Stream } from "effect"
import { EXIT, usageFailure } from "../Failure.ts"
import { printLine } from "../output/Print.ts"
import { installedBackends, installedMetrics } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Ends a stream of bytes that has more than this. */
const beyond = (most: number) => {
  let received = 0
  return (bytes: Uint8Array): boolean => (received += bytes.length) > most
}

/** Runs the cell that standard input orders, after those of other workers here, and prints its lines. Exit code 1 if it is invalid. */
export const worker = Effect.fn("Worker.worker")(function* () {
  const { stdin, stdinIsTerminal } = yield* Stdio.Stdio
  if (yield* stdinIsTerminal)
    return yield* usageFailure("The order comes on standard input: rigbook worker < order.json")
  const text = yield* Stream.mkString(Stream.decodeText(Stream.takeUntil(stdin, beyond(FILE_LIMITS.config.bytes))))
  if (text.length > FILE_LIMITS.config.bytes)
    return yield* usageFailure(
      `The order on standard input has more than ${FILE_LIMITS.config.bytes} bytes: send one cell in each.`,
    )
  const order = yield* Effect.fromResult(readOrder(text))
  const workspace = yield* openWorkspace
  const record = yield* runOrder(order, {
    workspace,
    backends: yield* installedBackends,
    host: yield* captureHost,
    metrics: yield* installedMetrics,
    onLine: printLine,
    wait: true,
  })
  return record?.verdict.status === "invalid" ? EXIT.failed : EXIT.done
})
