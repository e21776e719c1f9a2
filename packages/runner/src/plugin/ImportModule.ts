import { Context, Effect } from "effect"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import { Worker } from "node:worker_threads"
import { bounded, tooLong } from "./Bounded.ts"

/** Longest time that a plugin's module may take to load; well-behaved ones take a tenth of a second. */
export class ImportLimit extends Context.Reference<number>("rigbook/ImportLimit", { defaultValue: () => 10_000 }) {}

const require = createRequire(import.meta.url)

/**
 * Imports a module of a plugin within `ImportLimit`. A module without a top-level await is loaded in one go, in which
 * even an endless loop can be ended. One with a top-level await can't be: it is first tried in a thread of its own, which
 * can. Fails with what the module throws.
 */
export const importModule = Effect.fn("ImportModule.importModule")(function* (path: string) {
  const limit = yield* ImportLimit
  yield* Effect.try({
    try: () => bounded(limit, (): unknown => require(path)),
    catch: (cause) => cause,
  }).pipe(Effect.catch((cause) => (isForImport(cause) ? tried(path, limit) : Effect.fail(cause))))
  return yield* Effect.tryPromise({
    try: async (): Promise<unknown> => await import(/* @vite-ignore */ pathToFileURL(path).href),
    catch: (cause) => cause,
  }).pipe(Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(tooLong(limit)) }))
})

/** It could not be loaded in one go: it has a top-level await, or is being loaded elsewhere. */
const isForImport = (cause: unknown): boolean =>
  String((cause as { code?: unknown } | null)?.code).startsWith("ERR_REQUIRE_")

const TRIAL = `
  const { parentPort, workerData } = require("node:worker_threads")
  import(workerData).then(() => parentPort.postMessage("loaded"), (error) => { throw error })
`

const ENDED = "it calls process.exit, or nothing is left that its top-level await could wait for"

/** Imports a module in a thread, whose output is dropped: fails as the module does, if it ends the thread, or too late. */
const tried = (path: string, limit: number): Effect.Effect<void, unknown> =>
  Effect.callback<void, unknown>((resume) => {
    const thread = new Worker(TRIAL, {
      eval: true,
      workerData: pathToFileURL(path).href,
      stdin: true,
      stdout: true,
      stderr: true,
    })
    // It has ended before the module is imported here: what it holds, such as a port, is free again.
    thread.once("message", () => {
      thread.removeAllListeners("exit")
      void thread.terminate().then(() => resume(Effect.void))
    })
    thread.once("error", (error) => resume(Effect.fail(error)))
    thread.once("exit", () => resume(Effect.fail(new Error(ENDED))))
    return Effect.promise(() => thread.terminate())
  }).pipe(Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(tooLong(limit)) }))
