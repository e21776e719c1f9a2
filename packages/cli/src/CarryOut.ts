import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { isFailing, PluginError, Progress } from "@rigbook/core"
import { diskProblem, explainedFiles } from "@rigbook/core/engine"
import { Cause, Effect, FileSystem, Option, PlatformError } from "effect"
import { type Defect, defectOf, reportDefect } from "./Defect.ts"
import { EXIT } from "./Failure.ts"
import { printAside, printError, printJson } from "./output/Print.ts"
import { makeProgressView } from "./output/ProgressView.ts"

/** What carries out each command: loaded only for its own action, and called with the input that it declares. */
const HANDLERS = {
  init: async () => (await import("./handlers/Init.ts")).init,
  add: async () => (await import("./handlers/Add.ts")).add,
  doctor: async () => (await import("./handlers/Doctor.ts")).doctor,
  setup: async () => (await import("./handlers/Setup.ts")).setup,
  inspect: async () => (await import("./handlers/Inspect.ts")).inspect,
  plan: async () => (await import("./handlers/Plan.ts")).plan,
  run: async () => (await import("./handlers/Run.ts")).run,
  tune: async () => (await import("./handlers/Tune.ts")).tune,
  worker: async () => (await import("./handlers/Worker.ts")).worker,
  runs: async () => (await import("./handlers/Runs.ts")).runs,
  show: async () => (await import("./handlers/Show.ts")).show,
  card: async () => (await import("./handlers/Card.ts")).card,
  report: async () => (await import("./handlers/Report.ts")).report,
  compare: async () => (await import("./handlers/Compare.ts")).compare,
  import: async () => (await import("./handlers/Import.ts")).importFiles,
  pull: async () => (await import("./handlers/Pull.ts")).pull,
  push: async () => (await import("./handlers/Push.ts")).push,
  dataset: async () => (await import("./handlers/Dataset.ts")).dataset,
  derive: async () => (await import("./handlers/Derive.ts")).derive,
  verify: async () => (await import("./handlers/Verify.ts")).verify,
  registry: async () => (await import("./handlers/Registry.ts")).registry,
  "plugin list": async () => (await import("./handlers/PluginList.ts")).pluginList,
  "plugin new": async () => (await import("./handlers/PluginNew.ts")).pluginNew,
  "plugin check": async () => (await import("./handlers/PluginCheck.ts")).pluginCheck,
  serve: async () => (await import("./handlers/Serve.ts")).serve,
  "host add": async () => (await import("./handlers/Host.ts")).hostAdd,
  "host list": async () => (await import("./handlers/Host.ts")).hostList,
  "host remove": async () => (await import("./handlers/Host.ts")).hostRemove,
  "host stop": async () => (await import("./handlers/Host.ts")).hostStop,
  schema: async () => (await import("./handlers/Schema.ts")).schema,
} satisfies Readonly<Record<string, () => Promise<(input: never) => Handled>>>

type Handled = Effect.Effect<number, unknown, NodeServices.NodeServices>
type Handlers = { readonly [C in keyof typeof HANDLERS]: Awaited<ReturnType<(typeof HANDLERS)[C]>> }

/** What the command line requests: plain data, so that parsing and execution share no code. */
export type Action = {
  [C in keyof Handlers]: { readonly command: C } & (Handlers[C] extends (input: infer Input) => unknown ? Input : never)
}[keyof Handlers]

/** Carries an action out: its exit code. What goes wrong is reported, with the exit code that it has. */
export const perform = (action: Action): Effect.Effect<number> => {
  const view = makeProgressView(process.stderr)
  // Each has the input of its own command.
  const load = HANDLERS[action.command] as () => Promise<(input: Action) => Handled>
  return Effect.promise(load).pipe(
    Effect.flatMap((handle) => handle(action)),
    Effect.provideService(Progress, view.tell),
    Effect.ensuring(Effect.sync(view.close)),
    Effect.updateService(FileSystem.FileSystem, explainedFiles),
    Effect.provide(NodeServices.layer),
    Effect.catchCause((cause) => tellFailure(cause, action)),
  )
}

/** Carries an action out and ends the process with its exit code. */
export const carryOut = (action: Action): void =>
  NodeRuntime.runMain(perform(action), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      if (exit._tag === "Success") return whenWritten(() => process.exit(Number(exit.value)))
      const interrupted = action.command === "run" ? action : action.command === "tune" ? { fresh: false } : undefined
      process.stderr.write(interrupted === undefined ? "" : resuming(interrupted))
      onExit(EXIT.interrupted)
    },
  })

/**
 * Calls `end` once all output is written, or has failed to be, which is reported first. A timer or a connection that a
 * plugin has left is not waited for.
 */
const whenWritten = (end: () => void): void =>
  void process.stdout.write("", () => process.stderr.write("", () => setImmediate(end)))

/** How an interrupted run is resumed: `--fresh` would begin it again. */
const resuming = ({ fresh }: { readonly fresh: boolean }): string =>
  fresh
    ? "Interrupted. Run the same command without --fresh to resume: with it, every cell is measured from the beginning.\n"
    : "Interrupted. Run the same command again to resume.\n"

/** Lines of an engine's or installer's log that are shown with an error. */
const LOG_LINES = 15

/** What a plugin threw where nothing may fail: it is named, and is no defect of Rigbook. */
const pluginErrorIn = (cause: Cause.Cause<unknown>): PluginError | undefined =>
  cause.reasons
    .flatMap((reason) => (Cause.isDieReason(reason) ? [reason.defect] : []))
    .find((defect) => defect instanceof PluginError)

const defectIn = (cause: Cause.Cause<unknown>): Defect => ({
  ...defectOf(Cause.squash(cause)),
  details: Cause.pretty(cause),
})

/** Reports why a command failed: to people on standard error, to programs on standard output. */
const tellFailure = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>, action: Action) {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause)) ?? pluginErrorIn(cause)
  const known = error instanceof Error
  const disk = error instanceof PlatformError.PlatformError ? diskProblem(error) : undefined
  const said = known ? error.message : reportDefect(defectIn(cause), action.command)
  const message = disk === undefined ? said : `${disk.detail} ${disk.fix}`
  const failure = isFailing(error) ? error : undefined
  const log = failure?.logTail?.slice(-LOG_LINES) ?? []
  for (const line of log) printAside(`  ${line}`)
  printAside(message)
  if ("json" in action && action.json) {
    const issues = failure?.issues === undefined ? {} : { issues: failure.issues }
    yield* printJson({ error: { message, ...issues } })
  } else if (action.command === "worker" || ("events" in action && action.events)) yield* printError(message)
  return EXIT[failure?.exit ?? "failed"]
})
