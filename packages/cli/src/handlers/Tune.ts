import { canonicalJson, FILE_LIMITS, readTextIfAny, type RunRecord } from "@rigbook/core"
import { readRecords, runLock, writeAtomically, yamlText } from "@rigbook/records"
import { costOf, type FigureName, FIGURES, plan, search, type TunePlan } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { join, relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { costText, outcomeText, planText } from "../output/TunePage.ts"
import { hostHere, installedBackends, installedMetrics } from "../Plugins.ts"
import { type Bench, perform } from "../tune/Perform.ts"
import { scenariosOf } from "../tune/Scenarios.ts"
import { spaceOf } from "../tune/Space.ts"
import { secondsOf, secondsPerTrial } from "../tune/TimeOfTrials.ts"
import { slugOf, tryConfig } from "../tune/TryConfig.ts"
import { type GoalFlags, goalOf, knobsNamed } from "../tune/Wishes.ts"
import { targetOf } from "./TuneTarget.ts"

/** What `rigbook tune` was called with. */
export interface TuneInput extends GoalFlags {
  /** A family, a config, or a model's file. */
  readonly model: string
  /** Tokens of the longest request. */
  readonly context: number | undefined
  /** Requests at once. */
  readonly streams: number | undefined
  readonly prefer: FigureName | undefined
  readonly vary: ReadonlyArray<string>
  /** Shows what would be tried, and what it would cost. */
  readonly plan: boolean
  readonly json: boolean
}

/** Trials that each rung of the halving adds: few for many variants, more for those that are left. */
const RUNGS = [2, 3, 5]
const LAST = { trials: 10, turns: 5 }

/**
 * Searches the settings that meet a goal best, measures them in turns with the engine's defaults, and writes the config.
 * Exit code 1 if the goal can't be met: the nearest is shown, and nothing is written.
 */
export const tune = Effect.fn("Tune.tune")(function* (input: TuneInput) {
  const goal = yield* goalOf(input)
  const named = yield* knobsNamed(input.vary)
  if (goal.output !== undefined && input.streams === undefined)
    return yield* usageFailure("--output is of several requests at once: say how many, such as --streams 4.")
  const prefer = input.prefer ?? (input.streams === undefined ? "decode" : "output")
  const backends = yield* installedBackends
  const host = yield* hostHere
  const { backend, members, workspace } = yield* targetOf(input.model, backends, host)
  const [first] = members
  if (first.config["task"] !== "generate")
    return yield* usageFailure(`${first.id} writes no text: only such models are tuned.`)
  if (goal.kld !== undefined && backend.diverges !== true)
    return yield* usageFailure(`--kld: ${backend.id} can't compare a model with a reference.`)
  const { records } = yield* readRecords(workspace.raw)
  const { scenario, loss } = yield* scenariosOf(workspace, members, input.streams)
  const planned = yield* plan(workspace, [first.read], backends, host, {
    reach: "here",
    records,
  })
  const space = yield* spaceOf({
    members,
    backend,
    host,
    goal,
    named,
    context: input.context,
    streams: input.streams,
    planned: planned.cells[0],
  })
  if (space.knobs.length === 0)
    return yield* usageFailure(["Nothing may vary.", ...space.notes, "Name it with --vary."].join(" "))
  const tunePlan: TunePlan = { knobs: space.knobs, goal, prefer, rungs: RUNGS, last: LAST }
  const about = {
    model: first.id,
    context: input.context ?? null,
    host: host.fingerprint,
    scenario,
    loss,
    plan: tunePlan,
  }
  const key = createHash("sha256").update(canonicalJson(about)).digest("hex").slice(0, 8)
  const folder = join(workspace.raw, "../tune", `${slugOf(first.id)}-${key}`)
  const shown = relative(process.cwd(), folder)
  const cost = costOf(tunePlan)
  const perTrial = secondsPerTrial(records, planned.cells, scenario)
  if (!input.json || !input.plan)
    process.stderr.write(
      `${planText({ id: first.id, plan: tunePlan, notes: space.notes, cost, perTrial, folder: shown })}\n`,
    )
  if (input.plan) {
    if (input.json) yield* printJson({ ...about, cost, secondsPerTrial: perTrial ?? null })
    return EXIT.done
  }
  yield* runLock(join(workspace.raw, ".."))
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder, { recursive: true })
  yield* writeAtomically(join(folder, "plan.json"), `${JSON.stringify(about, null, 2)}\n`)
  const bench: Bench<Effect.Services<ReturnType<typeof backend.probe>>> = {
    workspace: { ...workspace, raw: join(folder, "raw") },
    configs: join(folder, "configs"),
    base: space.base,
    knobs: space.knobs,
    goal,
    scenario,
    lossScenario: loss,
    backends,
    host,
    metrics: yield* installedMetrics,
  }
  const tries: Array<RunRecord> = []
  let isTimed = perTrial !== undefined
  const steps = search(tunePlan)
  let step = steps.next()
  while (step.done !== true) {
    const { records: made, reply } = yield* perform(bench, step.value)
    const seconds = isTimed ? undefined : secondsOf(made)
    if (seconds !== undefined) process.stderr.write(`${costText(cost, seconds)}\n`)
    isTimed ||= seconds !== undefined
    tries.push(...made)
    step = steps.next(reply)
  }
  const outcome = step.value
  const { best } = outcome
  const isMet = best !== undefined && best.misses.length === 0
  const isWorth = isMet && outcome.beats
  const path = join(workspace.configs, `${first.id}-tuned.yaml`)
  const config =
    best === undefined
      ? undefined
      : tryConfig(space.base, best.variant, {
          folder: workspace.configs,
          name: `${String(first.config["name"])}, tuned`,
          scenarios: first.config["scenarios"],
        })
  const goalWords = Object.entries(goal).map(([name, bound]) => `${name} ${bound}`)
  const text = `${OURS}, by \`rigbook tune ${first.id}\` for: ${goalWords.join(", ") || FIGURES[prefer].title}. Its tries: ${relative(workspace.root, folder)}\n${yamlText(config)}`
  if (isWorth) yield* writeConfig(path, text)
  yield* writeAtomically(join(folder, "outcome.json"), `${JSON.stringify(outcome, null, 2)}\n`)
  const written = isWorth ? relative(process.cwd(), path) : null
  yield* input.json
    ? printJson({ ...about, cost, outcome, config: written, records: tries.map(({ id }) => id) })
    : print(outcomeText({ plan: tunePlan, outcome, tries, written, folder: shown }))
  return isMet ? EXIT.done : EXIT.failed
}, Effect.scoped)

/** The first line of configs that a search wrote: it may replace those. */
const OURS = "# Written by rigbook"

const writeConfig = Effect.fnUntraced(function* (path: string, text: string) {
  const old = yield* readTextIfAny(path, FILE_LIMITS.config)
  if (old !== undefined && !old.startsWith(`${OURS}, by`))
    return yield* usageFailure(`${path} is there, and no search wrote it. Rename it, and run the same command again.`)
  yield* writeAtomically(path, text)
})
