const KIB = 2 ** 10
const MIB = 2 ** 20

/** What a file of one kind may be at most. */
export interface FileLimit {
  /** Its kind, as in "a config". */
  readonly kind: string
  readonly bytes: number
  /** Each line of it is JSON, which may be nested no deeper than `MOST_DEPTH`. */
  readonly json?: true
  /** It may be a link that leaves its workspace: models and packages are shared. */
  readonly shared?: true
}

/** Objects and lists inside each other: no format that is read has more than a dozen. */
export const MOST_DEPTH = 128

/** A text may not have more than 2^29 - 24 characters in V8: no file that is read as a whole is larger. */
const LARGEST = 480 * MIB

/** The files that Rigbook reads whole, and how large each may be: some hundred times what is usual. */
export const FILE_LIMITS = {
  config: { kind: "a config", bytes: 256 * KIB },
  note: { kind: "a note", bytes: MIB },
  prompts: { kind: "a file of prompts", bytes: 256 * MIB },
  record: { kind: "a record", bytes: 64 * MIB, json: true },
  journal: { kind: "a journal", bytes: LARGEST, json: true },
  telemetry: { kind: "a file of telemetry", bytes: LARGEST, json: true },
  log: { kind: "an engine's log", bytes: 128 * MIB },
  imported: { kind: "a file to import", bytes: LARGEST, json: true },
  generated: { kind: "a generated file", bytes: LARGEST },
  small: { kind: "such a file", bytes: 16 * MIB, json: true },
  manifest: { kind: "a package.json", bytes: 4 * MIB, json: true, shared: true },
  modelSettings: { kind: "a settings file of a model", bytes: 64 * MIB, json: true, shared: true },
  cached: { kind: "a cached file", bytes: 16 * MIB, shared: true },
} as const satisfies Record<string, FileLimit>
