import type { NodeServices } from "@effect/platform-node"
import {
  type AnyBackend,
  type FileContent,
  type Metric,
  type PluginKind,
  report,
  type Reporter,
  type Vendor,
} from "@rigbook/core"
import { readScenarioSet, workspaceAt } from "@rigbook/records"
import { readRatingRules } from "@rigbook/registry"
import {
  loadBackend,
  loadCheck,
  loadDatasetLoader,
  loadLauncher,
  loadMetric,
  loadReporter,
  loadVendor,
  type Part,
  type Plugin,
  pluginParts,
  readPlugin,
} from "@rigbook/runner"
import { Effect, FileSystem, type Scope } from "effect"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { containPlugins } from "../ContainPlugins.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { findInstalled } from "../Plugins.ts"
import { packageFolder, sharingProblem } from "../SharedPackages.ts"
import { styled } from "../output/Style.ts"

/** What `rigbook plugin check` was called with. */
export interface PluginCheckInput {
  readonly plugin: string
  readonly json: boolean
}

type Services = NodeServices.NodeServices

/** The result of one case of a suite, as the testkit reports it. */
type CaseResult = { readonly name: string } & (
  | { readonly outcome: "passed" }
  | { readonly outcome: "failed"; readonly sentence: string }
  | { readonly outcome: "not run"; readonly why: string }
)
type Subject = Effect.Effect<unknown, unknown, Services | Scope.Scope>
type Cases = Effect.Effect<ReadonlyArray<CaseResult>, never, Services>

/** The part of the testkit that is used here: it is the plugin's, not ours, and loaded from there. */
interface Testkit {
  readonly checkBackend: (backend: AnyBackend<Services>, subject: Subject) => Cases
  readonly checkLauncher: (subject: Subject) => Cases
  readonly checkMetric: (metric: Metric, examples: unknown) => Cases
  readonly checkReporter: (reporter: Reporter<FileContent>) => Cases
  readonly checkVendor: (vendor: Vendor, subject: unknown) => Cases
}

/** Runs the conformance suites of all parts of a plugin. Exit code 1 if a case fails. */
export const pluginCheck = Effect.fn("PluginCheck.pluginCheck")(function* (action: PluginCheckInput) {
  containPlugins()
  const plugin = yield* pluginOf(action.plugin)
  const problem = sharingProblem(plugin)
  if (problem !== undefined) return yield* problem
  const testkit = yield* loadTestkit(plugin)
  const suites = yield* Effect.forEach(pluginParts([plugin]), (part) =>
    Effect.gen(function* () {
      yield* report({ step: part.about.id, detail: "checking" })
      const cases = yield* suiteOf(testkit, part)
      yield* report({ step: part.about.id, detail: count(cases), finished: true })
      return { kind: part.kind, id: part.about.id, cases }
    }),
  )
  const all = suites.flatMap(({ cases }) => cases)
  yield* action.json
    ? printJson({ plugin: plugin.name, version: plugin.version, suites })
    : print([...suites.map(({ cases, id }) => [id, ...cases.map(line)].join("\n")), count(all)].join("\n\n"))
  if (all.length === 0) return yield* usageFailure(`${plugin.name} provides nothing that can be checked.`)
  return all.some(({ outcome }) => outcome === "failed") ? EXIT.failed : EXIT.done
})

/** The plugin in a folder, else the installed one of that name. */
const pluginOf = Effect.fnUntraced(function* (word: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = resolve(word)
  const isFolder = yield* fs.exists(join(folder, "package.json"))
  const found = isFolder ? yield* readPlugin(folder, "named") : (yield* findInstalled).find(({ name }) => name === word)
  if (found === undefined)
    return yield* usageFailure(
      isFolder
        ? `${word} is not a plugin: its package.json has no rigbook manifest. \`rigbook plugin new\` creates one that has.`
        : `${word} is not a package folder, and no plugin of that name is installed. List them with: rigbook plugin list`,
    )
  return "problem" in found ? yield* found.problem : found
})

/** The testkit of the plugin's repository, else of the current folder. */
const loadTestkit = Effect.fnUntraced(function* (plugin: Plugin) {
  const folder = packageFolder("@rigbook/testkit", plugin.folder) ?? packageFolder("@rigbook/testkit", process.cwd())
  if (folder === undefined)
    return yield* usageFailure(
      `The conformance suites are in @rigbook/testkit, which is not installed here: npm install --save-dev @rigbook/testkit vitest`,
    )
  return yield* Effect.tryPromise({
    try: async () => (await import(pathToFileURL(join(folder, "dist/index.js")).href)) as Testkit,
    catch: (cause) => usageFailure(`@rigbook/testkit can't be loaded: ${String(cause).split("\n")[0]!}`),
  })
})

/** The cases of one part's suite. A part that can't be loaded is a failed case. */
const suiteOf = (testkit: Testkit, part: Part): Cases =>
  Effect.gen(function* () {
    if (is(part, "backends")) {
      const backend = yield* loadBackend<Services>(part)
      const subject = yield* loadCheck(part)
      if (subject === undefined) return [untried(part)]
      return yield* testkit.checkBackend(backend, asEffect(subject))
    }
    if (is(part, "metrics")) return yield* testkit.checkMetric(yield* loadMetric(part), (yield* loadCheck(part)) ?? [])
    if (is(part, "reporters")) return yield* testkit.checkReporter(yield* loadReporter(part))
    if (is(part, "launchers")) {
      yield* loadLauncher<Services>(part)
      const subject = yield* loadCheck(part)
      if (subject === undefined) return [untried(part)]
      return yield* testkit.checkLauncher(asEffect(subject))
    }
    if (is(part, "vendors")) return yield* testkit.checkVendor(yield* loadVendor(part), (yield* loadCheck(part)) ?? {})
    if (is(part, "datasets")) {
      // What it makes depends on the part: `rigbook dataset` checks each.
      yield* loadDatasetLoader(part)
      return [{ name: "can be loaded", outcome: "passed" } satisfies CaseResult]
    }
    if (is(part, "scenarioSets")) return [yield* scenariosCase(part)]
    return [yield* rulesCase(part)]
  }).pipe(
    Effect.catchTag("PluginError", ({ message }) =>
      Effect.succeed<ReadonlyArray<CaseResult>>([{ name: "can be loaded", outcome: "failed", sentence: message }]),
    ),
  )

const is = <K extends PluginKind>(part: Part, kind: K): part is Part<K> => part.kind === kind

/** A subject may be a value, or made by an effect. */
const asEffect = (subject: unknown): Subject =>
  Effect.isEffect(subject) ? (subject as Subject) : Effect.succeed(subject)

const untried = ({ about, kind }: Part): CaseResult => ({
  name: "has a subject to check",
  outcome: "failed",
  sentence: `The manifest names no check for the ${kind === "backends" ? "backend" : "launcher"} ${about.id}. Add the module with ${kind === "backends" ? "the options and models" : "the units"} to try it with, such as "check": "./dist/check.js#subject".`,
})

const rulesCase = ({ about, plugin }: Part): Effect.Effect<CaseResult, never, Services> => {
  const name = "the rules are well formed"
  if (!("file" in about)) return Effect.succeed({ name, outcome: "passed" })
  return readRatingRules({
    ...workspaceAt(plugin.folder, { rigbook: 1 }),
    rating: join(plugin.folder, about.file),
  }).pipe(
    Effect.map((rules): CaseResult =>
      rules === undefined
        ? { name, outcome: "failed", sentence: `There is no ${about.file}.` }
        : { name, outcome: "passed" },
    ),
    Effect.catch(({ message }) => Effect.succeed<CaseResult>({ name, outcome: "failed", sentence: message })),
  )
}

const scenariosCase = ({ about, plugin }: Part<"scenarioSets">): Effect.Effect<CaseResult, never, Services> => {
  const name = "the scenarios are well formed"
  return Effect.match(readScenarioSet(join(plugin.folder, about.file)), {
    onSuccess: (): CaseResult => ({ name, outcome: "passed" }),
    onFailure: ({ message }): CaseResult => ({ name, outcome: "failed", sentence: message }),
  })
}

const line = (result: CaseResult): string => {
  switch (result.outcome) {
    case "passed":
      return `  ${styled("green", "passed ")}  ${result.name}`
    case "failed":
      return `  ${styled("red", "failed ")}  ${result.name}\n           ${result.sentence.replaceAll("\n", "\n           ")}`
    case "not run":
      return `  ${styled("yellow", "not run")}  ${result.name}: ${result.why}`
  }
}

const count = (cases: ReadonlyArray<CaseResult>): string => {
  const of = (outcome: CaseResult["outcome"]) => cases.filter((result) => result.outcome === outcome).length
  const missing = of("not run")
  return `${of("passed")} passed, ${of("failed")} failed${missing === 0 ? "" : `, ${missing} not run: each says what is missing`}`
}
