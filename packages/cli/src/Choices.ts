export const SCAFFOLD_KINDS = ["backend", "metric", "reporter"] as const
export type ScaffoldKind = (typeof SCAFFOLD_KINDS)[number]

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
