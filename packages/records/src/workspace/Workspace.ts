import { type Exit, WORKSPACE_FILE } from "@rigbook/core"
import { Effect, FileSystem, Result, Schema } from "effect"
import { dirname, join, resolve } from "node:path"
import { decodeAt, readConfigFile } from "./ConfigFile.ts"
import { ConfigError } from "./ConfigIssue.ts"
import type { ScenarioSets } from "./ScenarioSet.ts"

/** rigbook.yaml, the file at a workspace's root. */
export const WorkspaceConfig = Schema.Struct({
  /** Version of the workspace's layout. */
  rigbook: Schema.Literal(1),
  /** Plugins beside those that are installed here: names of packages, or folders by their path from this file. */
  plugins: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Ids of plugins' reporters that render the registry, too: each its own file, `models/registry.<id>.<extension>`. */
  reporters: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Options of plugins' metrics, by the metric's id, such as `token_gap: { percentile: 99 }`. */
  metrics: Schema.optionalKey(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))),
  /** Id of a plugin's rating rules, used in place of models/rating.yaml. */
  rating: Schema.optionalKey(Schema.NonEmptyString),
  /**
   * Options of backends that hold for all configs, by the backend's id, such as `llamacpp: { binary: /opt/llama-server }`.
   * What a config says itself comes before them.
   */
  backends: Schema.optionalKey(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))),
}).annotate({ identifier: "WorkspaceConfig" })
export type WorkspaceConfig = typeof WorkspaceConfig.Type

/** A folder with configs, prompts, results and the registry generated from them; all paths are absolute. */
export interface Workspace {
  readonly root: string
  readonly config: WorkspaceConfig
  readonly configs: string
  readonly notes: string
  readonly prompts: string
  /** What quality is measured on. */
  readonly datasets: string
  /** Descriptions of machines to plan for. */
  readonly hosts: string
  readonly raw: string
  /** What was pulled from other registries: a workspace of its own for each. */
  readonly pulled: string
  readonly imported: string
  readonly reports: string
  readonly models: string
  /** The rules for stars. */
  readonly rating: string
  /** Sets of scenarios of plugins, by name. */
  readonly scenarioSets?: ScenarioSets
}

/** No rigbook.yaml here or above. */
export class NoWorkspace extends Schema.TaggedError<NoWorkspace>()("NoWorkspace", { from: Schema.String }) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    return `No ${WORKSPACE_FILE} in ${this.from} or above it. Create a workspace with: rigbook init`
  }
}

/**
 * The workspace that contains `from`: the nearest folder upwards that holds a rigbook.yaml. Fails with `NoWorkspace`
 * if there is none, and with `ConfigError` if that file is invalid.
 */
export const findWorkspace = Effect.fn("Workspace.findWorkspace")(function* (from: string) {
  const fs = yield* FileSystem.FileSystem
  let root = resolve(from)
  while (!(yield* Effect.orElseSucceed(fs.exists(join(root, WORKSPACE_FILE)), () => false))) {
    if (dirname(root) === root) return yield* new NoWorkspace({ from: resolve(from) })
    root = dirname(root)
  }
  const file = yield* readConfigFile(join(root, WORKSPACE_FILE), WORKSPACE_FILE)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], WorkspaceConfig, file.value)
  if (Result.isFailure(decoded)) {
    const [first, ...rest] = decoded.failure
    return yield* new ConfigError({ issues: [first!, ...rest] })
  }
  return workspaceAt(root, decoded.success)
})

/** Where things are in a workspace. */
export const workspaceAt = (root: string, config: WorkspaceConfig): Workspace => ({
  root,
  config,
  configs: join(root, "models/configs"),
  notes: join(root, "models/notes"),
  prompts: join(root, "benchmarks/configs/prompts"),
  datasets: join(root, "benchmarks/configs/datasets"),
  hosts: join(root, "benchmarks/configs/hosts"),
  raw: join(root, "benchmarks/results/raw"),
  pulled: join(root, "benchmarks/results/pulled"),
  imported: join(root, "benchmarks/results/imported"),
  reports: join(root, "benchmarks/results/reports"),
  models: join(root, "models"),
  rating: join(root, "models/rating.yaml"),
})
