/** `backend` is a backend in this process. */
export const SCAFFOLD_KINDS = [
  "backend",
  "in-process",
  "server",
  "worker",
  "metric",
  "reporter",
  "launcher",
  "vendor",
  "scenario",
] as const
export type ScaffoldKind = (typeof SCAFFOLD_KINDS)[number]

export const SCAFFOLD_TASKS = ["generate", "embed", "both"] as const
export type ScaffoldTask = (typeof SCAFFOLD_TASKS)[number]

export const SCHEMA_NAMES = [
  "model-config",
  "workspace",
  "plugin",
  "rating",
  "host",
  "record",
  "samples",
  "telemetry",
  "events",
  "order",
  "registry",
] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]
