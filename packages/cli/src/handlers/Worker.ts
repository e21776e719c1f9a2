import { captureHost, readOrder, runOrder } from "@rigbook/runner"
import { Effect, Stdio, Stream } from "effect"
import { EXIT, usageFailure } from "../Failure.ts"
import { printLine } from "../output/Print.ts"
import { installedBackends, installedMetrics } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Runs the cell that standard input orders, after those of other workers here, and prints its lines. Exit code 1 if it is invalid. */
export const worker = Effect.fn("Worker.worker")(function* () {
  const { stdin, stdinIsTerminal } = yield* Stdio.Stdio
  if (yield* stdinIsTerminal)
    return yield* usageFailure("The order comes on standard input: rigbook worker < order.json")
  const order = yield* Effect.fromResult(readOrder(yield* Stream.mkString(Stream.decodeText(stdin))))
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
