import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { isFailing, Progress } from "@rigbook/core"
import { Cause, Effect, Option } from "effect"
import type { Action } from "./Action.ts"
import { EXIT } from "./Failure.ts"
import { printError, printJson } from "./output/Print.ts"
import { makeProgressView } from "./output/ProgressView.ts"

/** Carries an action out and ends the process with its exit code. */
export const carryOut = (action: Action): void => {
  const view = makeProgressView(process.stderr)
  Effect.promise(() => handlerOf(action)).pipe(
    Effect.flatten,
    Effect.provideService(Progress, view.tell),
    Effect.ensuring(Effect.sync(view.close)),
    Effect.provide(NodeServices.layer),
    Effect.catchCause((cause) => tellFailure(cause, action)),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit, onExit) => {
        if (exit._tag === "Success") return onExit(Number(exit.value))
        process.stderr.write(action.command === "run" ? "Interrupted. Run the same command again to resume.\n" : "")
        onExit(EXIT.interrupted)
      },
    }),
  )
}

type Handler = Effect.Effect<number, unknown, NodeServices.NodeServices>

const handlerOf = async (action: Action): Promise<Handler> => {
  switch (action.command) {
    case "init":
      return (await import("./handlers/Init.ts")).init(action)
    case "add":
      return (await import("./handlers/Add.ts")).add(action)
    case "doctor":
      return (await import("./handlers/Doctor.ts")).doctor(action)
    case "setup":
      return (await import("./handlers/Setup.ts")).setup(action)
    case "inspect":
      return (await import("./handlers/Inspect.ts")).inspect(action)
    case "plan":
      return (await import("./handlers/Plan.ts")).plan(action)
    case "run":
      return (await import("./handlers/Run.ts")).run(action)
    case "worker":
      return (await import("./handlers/Worker.ts")).worker()
    case "runs":
      return (await import("./handlers/Runs.ts")).runs(action)
    case "show":
      return (await import("./handlers/Show.ts")).show(action)
    case "report":
      return (await import("./handlers/Report.ts")).report(action)
    case "compare":
      return (await import("./handlers/Compare.ts")).compare(action)
    case "import":
      return (await import("./handlers/Import.ts")).importFiles(action)
    case "dataset":
      return (await import("./handlers/Dataset.ts")).dataset(action)
    case "derive":
      return (await import("./handlers/Derive.ts")).derive(action)
    case "verify":
      return (await import("./handlers/Verify.ts")).verify(action)
    case "registry":
      return (await import("./handlers/Registry.ts")).registry(action)
    case "plugin list":
      return (await import("./handlers/PluginList.ts")).pluginList(action)
    case "plugin new":
      return (await import("./handlers/PluginNew.ts")).pluginNew(action)
    case "plugin check":
      return (await import("./handlers/PluginCheck.ts")).pluginCheck(action)
    case "serve":
      return (await import("./handlers/Serve.ts")).serve(action)
    case "schema":
      return (await import("./handlers/Schema.ts")).schema(action)
  }
}

/** Lines of an engine's or installer's log that are shown with an error. */
const LOG_LINES = 15

/** Reports why a command failed: to people on standard error, to programs on standard output. */
const tellFailure = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>, action: Action) {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  const known = error instanceof Error
  const message = known ? error.message : Cause.pretty(cause)
  const failure = isFailing(error) ? error : undefined
  const log = failure?.logTail?.slice(-LOG_LINES) ?? []
  for (const line of log) process.stderr.write(`  ${line}\n`)
  process.stderr.write(`${known ? message : `This is a defect in Rigbook:\n${message}`}\n`)
  if ("json" in action && action.json) {
    const issues = failure?.issues === undefined ? {} : { issues: failure.issues }
    yield* printJson({ error: { message, ...issues } })
  } else if (action.command === "worker" || ("events" in action && action.events)) yield* printError(message)
  return EXIT[failure?.exit ?? "failed"]
})
