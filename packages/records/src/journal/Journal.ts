import {
  Answers,
  BackendError,
  CellSpec,
  Effective,
  EngineIdentity,
  Environment,
  type Exit,
  Requested,
  Sample,
  FILE_LIMITS,
  readTextIfAny,
} from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { type LocalNames, withoutLocal } from "../workspace/LocalPaths.ts"
import { cutToWholeLines } from "./WholeLines.ts"

const Header = Schema.Struct({
  kind: Schema.Literal("cell"),
  schema: Schema.Literal(1),
  id: Schema.NonEmptyString,
  startedAt: Schema.String,
  cell: CellSpec,
  environment: Environment,
  requested: Requested,
})

/** One line of samples.ndjson: what happened to a cell, in order, appended as it happens. */
export const JournalLine = Schema.Union([
  Header,
  /** An interrupted run resumes, with the machine's current state. */
  Schema.Struct({ kind: Schema.Literal("resumed"), at: Schema.String, environment: Environment }),
  Schema.Struct({
    kind: Schema.Literal("opened"),
    at: Schema.String,
    effective: Effective,
    /** Left out where the backend reports none. */
    identity: Schema.optionalKey(EngineIdentity),
  }),
  Schema.Struct({ kind: Schema.Literal("answers"), answers: Answers }),
  Schema.Struct({ kind: Schema.Literal("sample"), sample: Sample }),
  /** The last trial of an opening is over: the engine's identity at this point. */
  Schema.Struct({ kind: Schema.Literal("closed"), at: Schema.String, identity: EngineIdentity }),
  Schema.Struct({ kind: Schema.Literal("failed"), failure: BackendError }),
  Schema.Struct({ kind: Schema.Literal("finished"), at: Schema.String }),
])
export type JournalLine = typeof JournalLine.Type

/** What a journal says, complete or cut. */
export interface Journal {
  readonly header: typeof Header.Type
  /** The machine's state at the start, and each time that the run was resumed. */
  readonly environments: readonly [Environment, ...ReadonlyArray<Environment>]
  readonly effective: Effective | undefined
  readonly openings: number
  /** What the engine reported of itself at each opening, in their order. */
  readonly identities: ReadonlyArray<OpeningIdentity>
  /** `undefined` until the answers were requested; a resumed run does not request them again. */
  readonly answers: Answers | undefined
  readonly samples: ReadonlyArray<Sample>
  readonly failure: BackendError | undefined
  readonly finishedAt: string | undefined
}

/** What an engine reported of itself when it was opened, and after the last trial of that opening. */
export interface OpeningIdentity {
  readonly opened: EngineIdentity | undefined
  /** `undefined` for an opening that was interrupted or failed. */
  readonly closed: EngineIdentity | undefined
}

/** The journal of a cell: a line per event. */
export const JOURNAL_FILE = "samples.ndjson"

/** A journal that can't be read: a line that is complete, but invalid. */
export class BadJournal extends Schema.TaggedError<BadJournal>()("BadJournal", {
  path: Schema.String,
  line: Schema.Int,
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}:${this.line}: ${this.detail}`
  }
}

const encodeLine = Schema.encodeEffect(Schema.fromJsonString(JournalLine))
const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(JournalLine))

/**
 * Appends lines in one write: a kill leaves each complete, cut or absent, but never mixed. Fails with `PlatformError`.
 */
export const appendJournal = (folder: string, ...lines: ReadonlyArray<JournalLine>) =>
  appendShared(folder, [], ...lines)

/** The same, without the names of this machine in any line. Fails with `PlatformError`. */
export const appendShared = Effect.fn("Journal.appendShared")(function* (
  folder: string,
  names: LocalNames,
  ...lines: ReadonlyArray<JournalLine>
) {
  const fs = yield* FileSystem.FileSystem
  const texts = yield* Effect.orDie(Effect.forEach(lines, (line) => encodeLine(line)))
  const path = join(folder, JOURNAL_FILE)
  const text = texts.map((line) => `${withoutLocal(names, line)}\n`).join("")
  // A disk that becomes full takes part of a line: what is appended when there is room again must not follow that part.
  yield* fs.writeFileString(path, text, { flag: "a" }).pipe(Effect.onError(() => Effect.ignore(cutToWholeLines(path))))
})

/**
 * Reads a journal up to where it was cut. `undefined` if not even its first line is complete. Fails with `BadJournal`
 * if a complete line is not one of a journal, with `UnreadableFile` if the file can't be read.
 */
export const readJournal = Effect.fn("Journal.readJournal")(function* (folder: string) {
  const path = join(folder, JOURNAL_FILE)
  const text = yield* readTextIfAny(path, FILE_LIMITS.journal)
  return text === undefined ? undefined : yield* parseJournal(text, path)
})

/**
 * The part of `readJournal` that works on text alone; fails with `BadJournal`. What follows the last line end was cut
 * off.
 */
export const parseJournal = Effect.fn("Journal.parseJournal")(function* (text: string, path: string) {
  const whole = text.split("\n").slice(0, -1)
  const lines = yield* Effect.forEach(whole, (line, index) =>
    decodeLine(line).pipe(
      Effect.mapError((error) => new BadJournal({ path, line: index + 1, detail: error.message.split("\n")[0]! })),
    ),
  )
  const [header, ...events] = lines
  if (header === undefined) return undefined
  if (header.kind !== "cell")
    return yield* new BadJournal({ path, line: 1, detail: "the first line does not name a cell" })
  const of = <K extends JournalLine["kind"]>(kind: K) =>
    events.filter((event): event is Extract<JournalLine, { readonly kind: K }> => event.kind === kind)
  return {
    header,
    environments: [header.environment, ...of("resumed").map(({ environment }) => environment)],
    effective: of("opened").at(-1)?.effective,
    openings: of("opened").length,
    identities: identitiesOf(events),
    answers: of("answers").at(0)?.answers,
    samples: of("sample").map(({ sample }) => sample),
    failure: of("failed").at(-1)?.failure,
    finishedAt: of("finished").at(-1)?.at,
  } satisfies Journal
})

const identitiesOf = (events: ReadonlyArray<JournalLine>): ReadonlyArray<OpeningIdentity> => {
  const found: Array<OpeningIdentity> = []
  for (const event of events) {
    if (event.kind === "opened") found.push({ opened: event.identity, closed: undefined })
    const last = found.at(-1)
    if (event.kind === "closed" && last !== undefined) found[found.length - 1] = { ...last, closed: event.identity }
  }
  return found
}

/** Removes a line that was cut, so that what is appended next starts on a new line. Fails with `PlatformError` or `UnreadableFile`. */
export const mendJournal = Effect.fn("Journal.mendJournal")(function* (folder: string) {
  yield* cutToWholeLines(join(folder, JOURNAL_FILE))
})
