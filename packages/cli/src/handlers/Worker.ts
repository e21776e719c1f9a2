import { FILE_LIMITS } from "@rigbook/core"
import { readOrder, readUnit, runOrder, runUnit } from "@rigbook/runner"
import { Effect, Stdio, Stream } from "effect"
import { resolve } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { printLine } from "../output/Print.ts"
import { hostHere, installedBackends, installedMetrics } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Ends a stream of bytes that has more than this. */
const beyond = (most: number) => {
  let received = 0
  return (bytes: Uint8Array): boolean => (received += bytes.length) > most
}

/**
 * Runs the cell that standard input orders, or the cells of a unit, after those of other workers here, and prints lines.
 * Exit code 1 if one is invalid.
 */
export const worker = Effect.fn("Worker.worker")(function* ({
  records: folder,
}: {
  readonly records: string | undefined
}) {
  const { stdin, stdinIsTerminal } = yield* Stdio.Stdio
  if (yield* stdinIsTerminal)
    return yield* usageFailure("The order comes on standard input: rigbook worker < order.json")
  const text = yield* Stream.mkString(Stream.decodeText(Stream.takeUntil(stdin, beyond(FILE_LIMITS.record.bytes))))
  const unit = text.length > FILE_LIMITS.record.bytes ? undefined : yield* Effect.fromResult(readUnit(text))
  if (unit === undefined && text.length > FILE_LIMITS.config.bytes)
    return yield* usageFailure(
      `The order on standard input has more than ${FILE_LIMITS.config.bytes} bytes: send one cell in each.`,
    )
  const order = unit === undefined ? yield* Effect.fromResult(readOrder(text)) : undefined
  const own = yield* openWorkspace
  const options = {
    workspace: folder === undefined ? own : { ...own, raw: resolve(folder) },
    backends: yield* installedBackends,
    host: yield* hostHere,
    metrics: yield* installedMetrics,
    onLine: printLine,
    wait: true,
  }
  const records = unit === undefined ? [yield* runOrder(order!, options)] : yield* runUnit(unit, options)
  return records.some((record) => record?.verdict.status === "invalid") ? EXIT.failed : EXIT.done
})
