import { formatIssue, type Workspace } from "@rigbook/records"
import {
  checkRegistry,
  type RegistryDifference,
  releaseRegistry,
  renderRegistry,
  writeRegistry,
} from "@rigbook/registry"
import { estimatePlanned } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { growNewSpace } from "../NewSpace.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { installedBackends, installedMetrics, withRatingRules, withScenarioSets } from "../Plugins.ts"
import { registryReporters } from "../Reporters.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook registry` was called with. */
export interface RegistryInput {
  /** Writes nothing. */
  readonly check: boolean
  /** Keeps what is shown now, for the next registry to say what changed. */
  readonly release: boolean
  readonly json: boolean
}

const NEW_SPACE_MB = 16

/**
 * Renders the registry's files, or compares them with the records; a release is kept first. Exit code 1 if they differ.
 */
export const registry = Effect.fn("Registry.registry")(function* ({ check, json, release }: RegistryInput) {
  const workspace = yield* openWorkspace
  if (check && release)
    return yield* usageFailure("--check writes nothing, and --release writes a file: take one of them")
  if (release) yield* releaseRegistry(workspace, (yield* render(workspace)).registry)
  if (!check) {
    const { failed, files } = yield* updateRegistry(workspace)
    const paths = files.map(({ path }) => relative(process.cwd(), path))
    yield* json ? printJson({ files: paths }) : print(paths.join("\n"))
    return failed.length === 0 ? EXIT.done : EXIT.failed
  }
  const { broken, failed, files, issues } = yield* render(workspace)
  const differences = yield* checkRegistry(workspace, files)
  if (json) yield* printJson({ differences })
  else if (differences.length + broken.length + failed.length + issues.length === 0)
    yield* print("The registry agrees with the records.")
  else yield* print(differences.map(sentence).join("\n"))
  return differences.length + broken.length + failed.length + issues.length === 0 ? EXIT.done : EXIT.failed
})

/** Renders the registry and writes its files. What reporters of plugins failed at is reported on standard error. */
export const updateRegistry = Effect.fn("Registry.updateRegistry")(function* (workspace: Workspace) {
  const rendered = yield* render(workspace)
  const { failed, kept, written } = yield* writeRegistry(rendered.files)
  for (const { path } of kept)
    printAside(
      `${relative(process.cwd(), path)} was written by hand, so it is kept, and the model's page is missing. Rename it, then: rigbook registry`,
    )
  for (const { message } of failed) printAside(message)
  return { files: written, failed: [...rendered.failed, ...failed] }
})

/** The registry's files by the plugins that are installed and the rules that rigbook.yaml names. */
export const renderWith = Effect.fn("Registry.renderWith")(function* (workspace: Workspace) {
  const backends = yield* installedBackends
  return yield* renderRegistry(
    yield* withScenarioSets(yield* withRatingRules(workspace)),
    yield* registryReporters(workspace),
    (outlines) => estimatePlanned(workspace, outlines, backends),
    { metrics: yield* installedMetrics },
  )
})

/** Records, configs and notes that can't be read are reported on standard error; the registry is made of the others. */
const render = Effect.fnUntraced(function* (workspace: Workspace) {
  growNewSpace(NEW_SPACE_MB) // no model is measured now that would need the memory
  const rendered = yield* renderWith(workspace)
  for (const record of [...rendered.broken, ...rendered.failed]) printAside(record.message)
  for (const issue of rendered.issues) printAside(formatIssue(issue))
  return rendered
})

const sentence = ({ expected, found, line, path }: RegistryDifference): string =>
  [
    `${path}:${line}: differs from the records`,
    ...(expected === undefined ? [] : [`  expected: ${start(expected)}`]),
    ...(found === undefined ? [] : [`  found:    ${start(found)}`]),
    "  To render it again: rigbook registry",
  ].join("\n")

/** A line of the page may be a whole script. */
const start = (line: string): string => (line.length > 200 ? `${line.slice(0, 200)} …` : line)
