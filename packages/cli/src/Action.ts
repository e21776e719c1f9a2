/** What the command line requests: plain data, so that parsing and execution share no code. */
export type Action =
  | { readonly command: "init"; readonly folder: string; readonly json: boolean }
  | {
      readonly command: "add"
      /** The model's file or folder. */
      readonly model: string
      /** Of the config, without its ending; by default the model's. */
      readonly name: string | undefined
      readonly json: boolean
    }
  | { readonly command: "doctor"; readonly json: boolean }
  | {
      readonly command: "setup"
      readonly backends: ReadonlyArray<string>
      /** One of a backend's builds, such as `cuda`. */
      readonly build: string | undefined
      readonly json: boolean
    }
  | { readonly command: "inspect"; readonly model: string; readonly json: boolean }
  | {
      readonly command: "plan"
      /** Configs, and models that none names. */
      readonly configs: ReadonlyArray<string>
      readonly host: string | undefined
      /** Tokens of the models' contexts. */
      readonly context: number | undefined
      readonly json: boolean
    }
  | {
      readonly command: "run"
      readonly configs: ReadonlyArray<string>
      readonly filter: string | undefined
      readonly fresh: boolean
      /** Leaves out invalid configs and measures the others. */
      readonly keepGoing: boolean
      readonly rounds: number
      readonly setup: boolean
      /** Prints a line of NDJSON for each thing that happens. */
      readonly events: boolean
      readonly json: boolean
    }
  | { readonly command: "worker" }
  | { readonly command: "runs"; readonly json: boolean }
  | { readonly command: "show"; readonly record: string; readonly json: boolean }
  | {
      readonly command: "report"
      readonly records: ReadonlyArray<string>
      /** Id of a reporter. */
      readonly format: string
      readonly json: boolean
    }
  | {
      readonly command: "compare"
      readonly a: string
      readonly b: string
      readonly gate: boolean
      readonly across: string | undefined
      readonly metrics: string | undefined
      /** In percent. */
      readonly threshold: number
      readonly junit: string | undefined
      readonly markdown: string | undefined
      readonly json: boolean
    }
  | {
      readonly command: "import"
      readonly files: ReadonlyArray<string>
      readonly model: string | undefined
      readonly json: boolean
    }
  | {
      readonly command: "derive"
      readonly records: ReadonlyArray<string>
      /** Writes nothing. */
      readonly check: boolean
      readonly json: boolean
    }
  | {
      readonly command: "dataset"
      readonly loader: string | undefined
      readonly part: string | undefined
      readonly json: boolean
    }
  | { readonly command: "verify"; readonly records: ReadonlyArray<string>; readonly json: boolean }
  | {
      readonly command: "registry"
      /** Writes nothing. */
      readonly check: boolean
      /** Keeps what is shown now, for the next registry to say what changed. */
      readonly release: boolean
      readonly json: boolean
    }
  | { readonly command: "plugin list"; readonly json: boolean }
  | { readonly command: "plugin new"; readonly name: string; readonly kind: ScaffoldKind; readonly json: boolean }
  | { readonly command: "plugin check"; readonly plugin: string; readonly json: boolean }
  | { readonly command: "serve"; readonly port: number; readonly json: boolean }
  | { readonly command: "schema"; readonly file: SchemaName | undefined }

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

/** The action of one command. */
export type ActionOf<C extends Action["command"]> = Extract<Action, { readonly command: C }>
